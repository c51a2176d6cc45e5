import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { FarmError, type JobId } from '@reelmill/protocol';
import type { DurableEvent } from '@reelmill/scheduler';
import type { JournalAnswer, JournalDamage, JournalPage, JournalRequest } from './journalMessages.ts';

/** The durable memory of the farm: facts in order, never changed. */
export interface Journal {
  /** Resolves once the events are on disk (fsync). Concurrent calls share one commit. Throws DISK_FULL. */
  append(events: readonly DurableEvent[]): Promise<void>;
  /**
   * Every event in order, some thousand at a time; those of removed jobs are dropped from the file first. A damaged file is
   * set aside and the journal goes on after its last good event: `damage` says so.
   */
  load(): AsyncIterable<readonly DurableEvent[]>;
  /**
   * Events of one job as they are on disk, without what results report and hold. Read beside the appends, in a thread
   * of its own: a long journal takes a while and holds nothing up.
   */
  eventsOf(jobId: JobId): Promise<DurableEvent[]>;
  /** What the last `load` found; null: every event is as it was written. */
  damage(): JournalDamage | null;
  close(): Promise<void>;
}

export interface JournalSettings {
  /** SQLite file; made when absent. */
  readonly path: string;
  /** Script of the worker thread, where a bundle keeps it; default: beside this module. */
  readonly workerUrl?: URL;
}

/** Beside this module as source, or as `.js` beside a bundle. */
function defaultWorkerUrl(): URL {
  const source = new URL('./journalWorker.ts', import.meta.url);
  return existsSync(fileURLToPath(source)) ? source : new URL('./journalWorker.js', import.meta.url);
}

/** Events of no job in particular have an empty one. */
function jobIdOf(event: DurableEvent): string {
  if ('jobId' in event) return event.jobId;
  return 'taskId' in event ? event.taskId.slice(0, event.taskId.indexOf('/')) : '';
}

type Value = Extract<JournalAnswer, { ok: true }>['value'];
interface Waiting {
  resolve(value: Value): void;
  reject(error: FarmError): void;
}

const toJournalError = (error: { code: string; message: string }): FarmError => {
  if (error.code === 'ENOSPC') return new FarmError('DISK_FULL', { details: { system: error.message } });
  if (error.code === 'JOURNAL_TOO_NEW') {
    return new FarmError('PROTOCOL_MISMATCH', {
      message: `The data folder was written by a newer Reelmill: ${error.message}.`,
    });
  }
  return new FarmError('INTERNAL', {
    message: `The journal failed: ${error.message}`,
    details: { system: error.code },
  });
};

const execArgv = ['--disable-warning=ExperimentalWarning'];

/** One reading, in a thread that lives for it. */
function readBodies(workerUrl: URL, workerData: { path: string; jobId: JobId }): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const reader = new Worker(workerUrl, { workerData, execArgv });
    const fail = (cause: unknown): void =>
      reject(new FarmError('INTERNAL', { message: 'The journal could not be read.', cause }));
    reader.once('message', (bodies: readonly string[]) => resolve(bodies));
    reader.once('error', fail);
    reader.once('exit', fail);
  });
}

/** Opens (or makes) the journal in its own thread. */
export function openJournal(settings: JournalSettings): Journal {
  const workerUrl = settings.workerUrl ?? defaultWorkerUrl();
  const worker = new Worker(workerUrl, { workerData: { path: settings.path }, execArgv });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let broken: FarmError | null = null;
  let damage: JournalDamage | null = null;

  const breakAll = (error: FarmError): void => {
    broken ??= error;
    for (const one of waiting.values()) one.reject(broken);
    waiting.clear();
  };
  worker.on('message', (answer: JournalAnswer) => {
    const one = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.ok) one?.resolve(answer.value);
    else one?.reject(toJournalError(answer.error));
  });
  worker.on('error', (cause: Error) =>
    breakAll(new FarmError('INTERNAL', { message: `The journal failed: ${cause.message}`, cause })),
  );
  worker.on('exit', () => breakAll(new FarmError('INTERNAL', { message: 'The journal is closed.' })));

  const call = (make: (id: number) => JournalRequest): Promise<Value> => {
    if (broken !== null) return Promise.reject(broken);
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage(make(id));
    });
  };

  const pageBehind = async (after: number): Promise<JournalPage> =>
    (await call((id) => ({ kind: 'page', id, after }))) as JournalPage;

  return {
    async append(events) {
      const rows = events.map((event) => ({ jobId: jobIdOf(event), type: event.type, body: JSON.stringify(event) }));
      if (rows.length > 0) await call((id) => ({ kind: 'append', id, rows }));
    },
    async *load() {
      damage = (await call((id) => ({ kind: 'check', id }))) as JournalDamage | null;
      let next: Promise<JournalPage> | null = pageBehind(0);
      while (next !== null) {
        const { bodies, last }: JournalPage = await next;
        // read while the reader works on this one
        next = last === null ? null : pageBehind(last);
        yield bodies.map((body) => JSON.parse(body) as DurableEvent);
      }
    },
    eventsOf: async (jobId) => {
      const bodies = await readBodies(workerUrl, { path: settings.path, jobId });
      return bodies.map((body) => JSON.parse(body) as DurableEvent);
    },
    damage: () => damage,
    async close() {
      if (broken === null) await call((id) => ({ kind: 'close', id }));
      await worker.terminate();
    },
  };
}
