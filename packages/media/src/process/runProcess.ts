import { spawn } from 'node:child_process';
import { FarmError } from '@reelmill/protocol';
import { defaultLauncher } from './defaultLauncher.ts';
import { endTree } from './endTree.ts';
import { BoundedLog, LineSplitter } from './textLines.ts';
import type { Launch, ProcessEnd, ProcessLauncher } from './tools.ts';

const logLimitCharacters = 32 * 1024;
/** Nobody keeps more of a stdout than this; larger ones are read line by line through `onStdoutLine`. */
const stdoutLimitBytes = 64 * 1024 * 1024;

export interface ProcessOptions {
  readonly signal: AbortSignal;
  readonly launcher?: ProcessLauncher | undefined;
  /** Given: stdout is handed over line by line and not kept. */
  readonly onStdoutLine?: ((line: string) => void) | undefined;
  /** Given: stdout is handed over as bytes and not kept. */
  readonly onStdoutBytes?: ((bytes: Buffer) => void) | undefined;
  readonly onStderrLine?: ((line: string) => void) | undefined;
  /** Bytes written to stdin, at the pace of the reader; without it stdin is closed. */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
  /** Added to the variables of this process. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

export interface FinishedProcess extends ProcessEnd {
  readonly stdout: string;
  /** Beginning and end of stderr, bounded. */
  readonly log: string;
  readonly wallSeconds: number;
}

/**
 * Runs one program to its end in its own process group. Aborting the signal kills it and all below it with SIGKILL and
 * resolves nothing before the process is gone. A non-zero exit is not an error here: see {@link FinishedProcess}.
 * @throws FarmError CANCELED (or the FarmError that was the abort's reason); FFMPEG_MISSING when it cannot be started.
 */
export async function runProcess(launch: Launch, options: ProcessOptions): Promise<FinishedProcess> {
  throwIfAborted(options.signal);
  const startedMs = performance.now();
  const { command, args, onStarted, onLine, onEnded } = (options.launcher ?? defaultLauncher())(launch);
  const child = spawn(command, args, {
    detached: process.platform !== 'win32',
    stdio: [options.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment, AV_LOG_FORCE_NOCOLOR: '1', LC_ALL: 'C' },
    windowsHide: true,
  });
  if (child.pid !== undefined) onStarted?.(child.pid);
  const stdout = collectStdout(child.stdout as NodeJS.ReadableStream, options);
  const log = new BoundedLog(logLimitCharacters);
  const stderrLines = new LineSplitter((line) => {
    log.add(line);
    onLine?.(line);
    options.onStderrLine?.(line);
  });
  child.stderr?.on('data', (bytes: Buffer) => stderrLines.push(bytes));
  const { pid } = child;
  const killGroup = () => void (pid === undefined || endTree(pid));
  options.signal.addEventListener('abort', killGroup, { once: true });
  try {
    const ended = new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('error', (cause) => reject(startFailure(launch.command, cause)));
      child.once('close', (code, signal) => {
        onEnded?.({ exitCode: code, endSignal: signal });
        resolve([code, signal]);
      });
    });
    const feeding = options.stdin && child.stdin ? feed(options.stdin, child.stdin) : Promise.resolve();
    const [[exitCode, endSignal]] = await Promise.all([
      ended,
      feeding.catch((cause: unknown) => {
        killGroup();
        throw cause;
      }),
    ]);
    stderrLines.end();
    throwIfAborted(options.signal);
    const wallSeconds = (performance.now() - startedMs) / 1000;
    return { exitCode, endSignal, stdout: stdout(), log: log.text(), wallSeconds };
  } finally {
    options.signal.removeEventListener('abort', killGroup);
  }
}

/** @throws FarmError as {@link runProcess} does when its signal is aborted. */
export function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  if (signal.reason instanceof FarmError) throw signal.reason;
  throw new FarmError('CANCELED', { cause: signal.reason });
}

function collectStdout(stream: NodeJS.ReadableStream, options: ProcessOptions): () => string {
  if (options.onStdoutBytes) {
    stream.on('data', options.onStdoutBytes);
    return () => '';
  }
  if (options.onStdoutLine) {
    const lines = new LineSplitter(options.onStdoutLine);
    stream.on('data', (bytes: Buffer) => lines.push(bytes));
    stream.on('end', () => lines.end());
    return () => '';
  }
  const pieces: Buffer[] = [];
  let kept = 0;
  stream.on('data', (bytes: Buffer) => {
    kept += bytes.length;
    if (kept <= stdoutLimitBytes) pieces.push(bytes);
  });
  return () => Buffer.concat(pieces).toString('utf8');
}

/** A reader that ends early (EPIPE) is judged by its exit code and its output, not by the broken pipe. */
async function feed(source: AsyncIterable<Uint8Array>, sink: NodeJS.WritableStream): Promise<void> {
  let broken = false;
  const closed = new Promise<void>((resolve) => {
    sink.on('error', () => {
      broken = true;
      resolve();
    });
    sink.once('close', () => {
      broken = true;
      resolve();
    });
  });
  for await (const bytes of source) {
    if (broken) return;
    if (sink.write(bytes)) continue;
    await Promise.race([new Promise<void>((resolve) => sink.once('drain', resolve)), closed]);
  }
  sink.end();
}

function startFailure(command: string, cause: unknown): FarmError {
  return new FarmError('FFMPEG_MISSING', { message: `${command} cannot be started.`, cause, details: { command } });
}
