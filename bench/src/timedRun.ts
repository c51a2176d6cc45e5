import { spawn } from 'node:child_process';

export interface TimedRun {
  readonly wallSeconds: number;
  /** User and system seconds of the process and every descendant it waited for. */
  readonly cpuSeconds: number;
  readonly stdout: string;
}

/** `0m1.500s` of the shell's `times` → 1.5. */
const shellSeconds = (text: string): number => {
  const match = /^(\d+)m([\d.]+)s$/.exec(text);
  return match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2]);
};

/**
 * Runs one command to its end and measures it from outside. The fixed one-line shell program only adds the system's
 * own account of children (`times`, POSIX); the command itself is passed as arguments, never as text. Throws with the
 * end of stderr when the command fails.
 */
export function timedRun(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv } = {},
): Promise<TimedRun> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const program = '"$@"; status=$?; times >&2; exit $status';
    const child = spawn('sh', ['-c', program, 'sh', command, ...args], {
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
      const lastLine = stderr.trimEnd().split('\n').at(-1) ?? '';
      const cpuSeconds = lastLine
        .split(/\s+/)
        .map(shellSeconds)
        .reduce((sum, value) => sum + value, 0);
      if (code === 0) resolve({ wallSeconds, cpuSeconds, stdout });
      else reject(new Error(`${command} ${args.join(' ')}\nexit code ${code}\n${stderr.slice(-3_000)}`));
    });
  });
}
