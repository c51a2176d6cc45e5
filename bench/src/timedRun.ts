import { spawn } from 'node:child_process';
import { cpus } from 'node:os';

export interface TimedRun {
  readonly wallSeconds: number;
  /**
   * CPU seconds the whole machine spent meanwhile: encoders in a sandbox are nobody's waited-for children, so only the
   * machine's own account sees all of a farm. Of a quiet machine it is the run's.
   */
  readonly cpuSeconds: number;
  readonly stdout: string;
}

function busySeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}

/** Runs one command to its end and measures it from outside. Throws with the end of stderr when the command fails. */
export function timedRun(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv } = {},
): Promise<TimedRun> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const busyBefore = busySeconds();
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr = (stderr + data).slice(-20_000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const wallSeconds = (performance.now() - startedAt) / 1000;
      if (code === 0) resolve({ wallSeconds, cpuSeconds: busySeconds() - busyBefore, stdout });
      else reject(new Error(`${command} ${args.join(' ')}\nexit code ${code}\n${stderr.slice(-3_000)}`));
    });
  });
}
