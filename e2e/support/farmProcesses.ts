import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { dataFiles, JobLine } from '@reelmill/protocol';

export const cliEntry = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
export const agentEntry = fileURLToPath(new URL('../../apps/node-agent/src/main.ts', import.meta.url));

type Line = Record<string, unknown> & { type?: string };

export interface StartedProcess {
  readonly child: ChildProcess;
  readonly lines: readonly Line[];
  stderr(): string;
  /** Resolves with the first NDJSON line, past or future, that the filter accepts; rejects when the process ends before. */
  until(accept: (line: Line) => boolean): Promise<Line>;
  /** Resolves with the exit code, or 128 + a signal's number. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Runs the command inside a network namespace. */
  readonly namespace?: string;
  readonly cwd?: string;
}

/** Starts a program of the product as its own process and listens to its NDJSON. */
export function startProgram(entry: string, args: readonly string[], options: StartOptions = {}): StartedProcess {
  const own = [process.execPath, '--disable-warning=ExperimentalWarning', entry, ...args];
  const command = options.namespace === undefined ? own : ['ip', 'netns', 'exec', options.namespace, ...own];
  const child = spawn(command[0] as string, command.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const lines: Line[] = [];
  const waiting = new Set<(line: Line) => void>();
  let errors = '';
  child.stderr?.on('data', (data) => {
    errors = (errors + data).slice(-50_000);
  });
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (text) => {
    if (!text.startsWith('{')) return;
    const line = JSON.parse(text) as Line;
    lines.push(line);
    for (const listener of waiting) listener(line);
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const until = (accept: (line: Line) => boolean): Promise<Line> =>
    new Promise((resolve, reject) => {
      const earlier = lines.find(accept);
      if (earlier !== undefined) return resolve(earlier);
      const listener = (line: Line): void => {
        if (!accept(line)) return;
        waiting.delete(listener);
        resolve(line);
      };
      waiting.add(listener);
      void ended.then(({ code, signal }) =>
        reject(new Error(`ended (${signal ?? code}) before the awaited line\nargs: ${args.join(' ')}\n${errors}`)),
      );
    });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(killer);
    }
  };
  return { child, lines, stderr: () => errors, until, ended, stop };
}

export const startCli = (args: readonly string[], options?: StartOptions): StartedProcess =>
  startProgram(cliEntry, args, options);
export const startAgent = (args: readonly string[], options?: StartOptions): StartedProcess =>
  startProgram(agentEntry, args, options);

export interface CliResult {
  readonly code: number | null;
  readonly lines: readonly Line[];
  readonly jobs: readonly JobLine[];
  readonly stderr: string;
}

/** Runs the command line to its end. */
export async function runCli(args: readonly string[], options?: StartOptions): Promise<CliResult> {
  const started = startCli(args, options);
  const { code } = await started.ended;
  const jobs = started.lines.filter((line) => line.type === 'job').map((line) => JobLine.parse(line));
  return { code, lines: started.lines, jobs, stderr: started.stderr() };
}

/** `reelmill render … --json` in one call, scratch kept inside `folder`. */
export const render = (
  folder: string,
  inputs: readonly string[],
  args: readonly string[],
  options: StartOptions = {},
): Promise<CliResult> =>
  runCli(['render', ...inputs, '--json', ...args], {
    ...options,
    env: { REELMILL_SCRATCH: join(folder, 'scratch'), REELMILL_DATA: join(folder, 'data'), ...options.env },
  });

/** A temporary folder that disappears with the test. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'reelmill-e2e-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Pids and command lines of live processes that name `text` in their arguments. Linux only. */
export async function processesNaming(text: string): Promise<{ pid: number; command: string }[]> {
  if (!existsSync('/proc')) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return { pid: Number(pid), command: command.replaceAll('\0', ' ') };
    }),
  );
  return found.filter(({ pid, command }) => pid !== process.pid && command.includes(text));
}

/** Resolves once no process names `text`; rejects, naming them, when some still do after `timeoutMs`. */
export async function untilNoProcessNames(text: string, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = await processesNaming(text);
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`still alive: ${JSON.stringify(left)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Starts `remote-<index>` in a namespace: one slot, sources fetched, the join token and no address. Resolves once it joined. */
export async function startRemoteAgent(
  index: number,
  options: { readonly namespace: string; readonly folder: string; readonly coordinatorData: string },
): Promise<StartedProcess> {
  const args = [
    ...['--json', '--no-in-place', '--name', `remote-${index}`, '--slots', '1'],
    ...['--data', join(options.folder, `remote-${index}`)],
    ...['--token-file', join(options.coordinatorData, dataFiles.joinToken)],
  ];
  const agent = startAgent(args, { namespace: options.namespace });
  await agent.until((line) => line.type === 'joined');
  return agent;
}

/** Submits one clip to the coordinator of `options.namespace`; returns the job's id. */
export async function submitClip(
  clip: string,
  args: readonly string[],
  options: { readonly namespace: string; readonly coordinatorData: string },
): Promise<string> {
  const command = ['submit', clip, '--json', '--data', options.coordinatorData, ...args];
  const result = await runCli(command, { namespace: options.namespace });
  return String(result.lines.find((line) => line.type === 'submitted')?.jobId);
}

/** Follows one job's NDJSON in the coordinator's namespace. */
export const watchJob = (
  jobId: string,
  options: { readonly namespace: string; readonly coordinatorData: string },
): StartedProcess =>
  startCli(['watch', jobId, '--json', '--data', options.coordinatorData], { namespace: options.namespace });
