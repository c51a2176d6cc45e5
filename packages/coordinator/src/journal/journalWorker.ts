import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { JournalFile } from './journalFile.ts';
import type { JournalAnswer, JournalRequest } from './journalMessages.ts';
import { readJobBodies } from './journalRows.ts';

/**
 * The journal's own thread: node:sqlite is synchronous, and an fsync may stall for seconds (decision 17).
 * All appends that wait when a commit starts go into that one commit. Started with a job it reads that job's events
 * beside the writer, and ends.
 */
if (parentPort === null) throw new Error('journalWorker runs as a worker thread only');
const port = parentPort;
const { path, jobId } = workerData as { path: string; jobId?: string };

function answer(message: JournalAnswer): void {
  port.postMessage(message);
}

const failure = (id: number, thrown: unknown): JournalAnswer => {
  const error = thrown as { message?: string; code?: unknown; errcode?: unknown };
  // SQLITE_FULL = 13
  const code = error.errcode === 13 ? 'ENOSPC' : typeof error.code === 'string' ? error.code : 'UNKNOWN';
  return { id, ok: false, error: { code, message: error.message ?? String(thrown) } };
};

function commit(file: JournalFile, appends: readonly Extract<JournalRequest, { kind: 'append' }>[]): void {
  try {
    file.append(appends.flatMap(({ rows }) => rows));
  } catch (thrown) {
    for (const append of appends) answer(failure(append.id, thrown));
    return;
  }
  for (const append of appends) answer({ id: append.id, ok: true, value: null });
}

function serve(file: JournalFile, request: Exclude<JournalRequest, { kind: 'append' }>): void {
  try {
    if (request.kind !== 'close') {
      const value = request.kind === 'check' ? file.check() : file.page(request.after);
      answer({ id: request.id, ok: true, value });
      return;
    }
    file.close();
    answer({ id: request.id, ok: true, value: null });
    port.close();
  } catch (thrown) {
    answer(failure(request.id, thrown));
  }
}

function write(file: JournalFile): void {
  port.on('message', (first: JournalRequest) => {
    let appends: Extract<JournalRequest, { kind: 'append' }>[] = [];
    let next: JournalRequest | undefined = first;
    while (next !== undefined) {
      if (next.kind === 'append') {
        appends.push(next);
      } else {
        if (appends.length > 0) commit(file, appends);
        appends = [];
        serve(file, next);
        if (next.kind === 'close') return;
      }
      next = receiveMessageOnPort(port)?.message as JournalRequest | undefined;
    }
    if (appends.length > 0) commit(file, appends);
  });
}

if (jobId === undefined) write(new JournalFile(path));
else port.postMessage(readJobBodies(path, jobId));
