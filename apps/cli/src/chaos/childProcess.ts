import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endProcess } from '../farm/endProcess.ts';

export type Line = Record<string, unknown> & { readonly type?: string };

/** A program of the product as a process of its own, listened to by its NDJSON. */
export interface FarmProcess {
  readonly child: ChildProcess;
  /** Resolves with the first line from now on that the filter accepts; rejects when the process or the wait ends. */
  next(accept: (line: Line) => boolean, signal: AbortSignal): Promise<Line>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  isAlive(): boolean;
  /** The end of what it wrote to standard error. */
  errors(): string;
  /** Asks it to end, and ends it after `graceMs`, default 8 s. */
  stop(graceMs?: number): Promise<void>;
}

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** What stands before the command: `ip netns exec NAME`. */
  readonly prefix?: readonly string[];
  /** Told every line, from the first on. */
  readonly onLine?: (line: Line) => void;
}

const lastErrorCharacters = 4_000;

/** Starts `entry` under this Node. It ends with this process: its standard input is a pipe from here. */
export function startProcess(entry: string, args: readonly string[], options: StartOptions = {}): FarmProcess {
  const [command = '', ...rest] = [
    ...(options.prefix ?? []),
    ...[process.execPath, '--disable-warning=ExperimentalWarning', entry, ...args, '--exit-with-parent', '--json'],
  ];
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...options.env } });
  const listeners = new Set<(line: Line) => void>();
  let errors = '';
  child.stdin.on('error', () => {}); // its end is told by 'close'
  child.stderr.on('data', (data) => {
    errors = (errors + data).slice(-lastErrorCharacters);
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (!text.startsWith('{')) return;
    const line = JSON.parse(text) as Line;
    options.onLine?.(line);
    for (const listener of [...listeners]) listener(line);
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    child,
    ended,
    isAlive,
    errors: () => errors,
    next: (accept, signal) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          listeners.delete(listener);
          signal.removeEventListener('abort', onAbort);
        };
        const listener = (line: Line): void => {
          if (!accept(line)) return;
          settle();
          resolve(line);
        };
        const fail = (why: string): void => {
          settle();
          reject(new Error(`${why} while waiting for a line of ${args[0]}\n${errors}`));
        };
        const onAbort = (): void => fail('The time was over');
        listeners.add(listener);
        signal.addEventListener('abort', onAbort, { once: true });
        void ended.then(({ code, signal: name }) => fail(`It ended (${name ?? code})`));
      }),
    async stop(graceMs = 8_000) {
      if (isAlive()) child.kill('SIGCONT');
      await endProcess(child, graceMs);
    },
  };
}
