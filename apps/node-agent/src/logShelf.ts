import { mkdirSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BoundedLog, type Launch, type ProcessLauncher } from '@reelmill/media';
import { AttemptRuns, attemptRunsLimitBytes, type LeaseKey, type ProgramRun, withoutSecrets } from '@reelmill/protocol';
import type { Logger } from 'pino';

/** Keeps what one attempt runs and writes. */
export interface AttemptRecorder {
  /** The launcher whose programs are written down, as they are asked for: before any sandbox. */
  recorded(launcher: ProcessLauncher): ProcessLauncher;
  /** The attempt is over: its record goes to disk. Never throws. */
  close(): Promise<void>;
}

/** The last logs of a node, for people who ask later. */
export interface LogShelf {
  open(key: LeaseKey): AttemptRecorder;
  /** Of an attempt that runs or has ended; empty where nothing is kept. */
  read(key: LeaseKey): Promise<AttemptRuns>;
}

export interface LogShelfOptions {
  readonly folder: string;
  readonly log: Logger;
  /** Oldest logs go beyond it; default 32 MiB. */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 32 * 1024 ** 2;
/** Of one program; what lies between the beginning and the end of a longer one is left out. */
const logLimitCharacters = 24 * 1024;
/** Programs of one attempt: the encoder, two passes, the checks. */
const mostRuns = 32;

interface Recording {
  readonly launch: Launch;
  readonly text: BoundedLog;
  exitCode: number | null;
  endSignal: string | null;
}

const nameOf = ({ taskId, attempt }: LeaseKey): string => `${taskId.replaceAll('/', '.')}.${attempt}.json`;

/** Opens the shelf of an agent; what an earlier process put there stays. */
export function createLogShelf({ folder, log, maxBytes = defaultMaxBytes }: LogShelfOptions): LogShelf {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const running = new Map<string, Recording[]>();
  const shelf = createShelfFiles(folder, maxBytes);
  return {
    open(key) {
      const name = nameOf(key);
      const runs: Recording[] = [];
      running.set(name, runs);
      return {
        recorded: (launcher) => (launch) => record(runs, launch, launcher(launch)),
        async close() {
          running.delete(name);
          if (runs.length === 0) return;
          await shelf
            .put(name, JSON.stringify(fitting(runs)))
            .catch((cause) => log.warn({ err: cause, ...key }, 'the log of an attempt was not kept'));
        },
      };
    },
    async read(key) {
      const name = nameOf(key);
      const runs = running.get(name);
      if (runs !== undefined) return fitting(runs);
      const text = await readFile(join(folder, name), 'utf8').catch(() => null); // not kept any more
      return text === null ? [] : AttemptRuns.parse(JSON.parse(text));
    },
  };
}

function record(runs: Recording[], launch: Launch, prepared: Launch): Launch {
  if (runs.length >= mostRuns) return prepared;
  const run: Recording = { launch, text: new BoundedLog(logLimitCharacters), exitCode: null, endSignal: null };
  runs.push(run);
  return {
    ...prepared,
    onLine(line) {
      run.text.add(line);
      prepared.onLine?.(line);
    },
    onEnded(end) {
      Object.assign(run, end);
      prepared.onEnded?.(end);
    },
  };
}

const runOf = ({ launch, text, exitCode, endSignal }: Recording): ProgramRun => ({
  program: basename(launch.command),
  args: launch.args.map(withoutSecrets),
  exitCode,
  endSignal,
  log: withoutSecrets(text.text()),
});

/** All runs with their commands; where they do not fit into a message, the logs of the first ones give way. */
function fitting(recordings: readonly Recording[]): AttemptRuns {
  const runs = recordings.map(runOf);
  const size = (): number => Buffer.byteLength(JSON.stringify(runs));
  for (const run of runs) {
    if (size() <= attemptRunsLimitBytes) return runs;
    run.log = run.log.slice(-1024);
  }
  while (runs.length > 0 && size() > attemptRunsLimitBytes) runs.shift();
  return runs;
}

/** Files of one folder, oldest first, no more than so many bytes. */
function createShelfFiles(folder: string, maxBytes: number): { put(name: string, text: string): Promise<void> } {
  let sizes: Promise<Map<string, number>> | null = null;
  return {
    async put(name, text) {
      sizes ??= sizesIn(folder);
      const known = await sizes;
      await writeFile(join(folder, name), text, { mode: 0o600 });
      known.delete(name);
      known.set(name, Buffer.byteLength(text));
      let total = [...known.values()].reduce((sum, bytes) => sum + bytes, 0);
      for (const [oldest, bytes] of known) {
        if (total <= maxBytes) break;
        known.delete(oldest);
        total -= bytes;
        await rm(join(folder, oldest), { force: true });
      }
    },
  };
}

async function sizesIn(folder: string): Promise<Map<string, number>> {
  const found = await Promise.all(
    (await readdir(folder)).map(async (name) => ({ name, ...(await stat(join(folder, name))) })),
  );
  return new Map(found.sort((a, b) => a.mtimeMs - b.mtimeMs).map(({ name, size }) => [name, size]));
}
