import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface SupervisedOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Each line of JSON on its standard output. */
  readonly onLine: (line: Record<string, unknown>) => void;
  /** Called after each end that was not asked for, with the tail of its standard error; it is started again by itself. */
  readonly onEnd: (errors: string) => void;
}

export interface SupervisedProcess {
  /** Ends it, politely first, and starts it no more. */
  stop(): Promise<void>;
}

/** Longest wait is below the 3 s in which a dead coordinator has to be back. */
const restartDelaysMs = [100, 500, 1000, 2000] as const;
/** A process that lived this long is healthy: its next end starts the delays from the beginning. */
const healthyAfterMs = 10_000;
const politeStopMs = 5000;
const keptErrors = 4000;

/**
 * Keeps one child process alive. Its standard input is a pipe that closes when this process dies by whatever means;
 * children started with `--exit-with-parent` end then.
 */
export function supervise(options: SupervisedOptions): SupervisedProcess {
  let child: ChildProcess | null = null;
  let timer: NodeJS.Timeout | null = null;
  let stopping = false;
  let failures = 0;

  const start = (): void => {
    timer = null;
    const startedAt = Date.now();
    child = runOnce(options, (errors) => {
      child = null;
      if (stopping) return;
      failures = Date.now() - startedAt > healthyAfterMs ? 0 : failures + 1;
      const delay = restartDelaysMs[Math.min(failures, restartDelaysMs.length - 1)];
      timer = setTimeout(start, delay);
      options.onEnd(errors);
    });
  };
  start();

  return {
    async stop() {
      stopping = true;
      if (timer) clearTimeout(timer);
      if (child) await endPolitely(child);
    },
  };
}

function runOnce(options: SupervisedOptions, ended: (errors: string) => void): ChildProcess {
  const started = spawn(options.command, [...options.args], { env: options.env, stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  let over = false;
  const end = (text: string): void => {
    if (over) return;
    over = true;
    ended(text);
  };
  started.stderr?.on('data', (data: Buffer) => {
    process.stderr.write(data);
    errors = (errors + data.toString()).slice(-keptErrors);
  });
  started.stdin?.on('error', () => end(errors));
  if (started.stdout) createInterface({ input: started.stdout }).on('line', (text) => parseLine(text, options.onLine));
  started.once('error', (cause) => end(`cause  ${cause.message}`));
  started.once('close', () => end(errors));
  return started;
}

function parseLine(text: string, onLine: SupervisedOptions['onLine']): void {
  if (!text.startsWith('{')) return;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    process.stderr.write(`unreadable line of a child: ${String(cause)}\n`);
    return;
  }
  onLine(value as Record<string, unknown>);
}

function endPolitely(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const killer = setTimeout(() => child.kill('SIGKILL'), politeStopMs);
    child.once('close', () => {
      clearTimeout(killer);
      resolve();
    });
    child.stdin?.end();
    child.kill('SIGTERM');
  });
}
