import { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { JournalAnswer, JournalRequest } from './journalMessages.ts';

/**
 * The journal's own thread: node:sqlite is synchronous, and an fsync may stall for seconds (decision 17).
 * All appends that wait when a commit starts go into that one commit.
 */
const schemaVersion = 1;

if (parentPort === null) throw new Error('journalWorker runs as a worker thread only');
const port = parentPort;
const { path } = workerData as { path: string };

const database = new DatabaseSync(path);
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000');
database.exec(`
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY, job_id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT;
`);
const insert = database.prepare('INSERT INTO events (job_id, type, body) VALUES (?, ?, ?)');

function checkSchema(): void {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'schemaVersion'").get();
  if (row === undefined) {
    database.prepare("INSERT INTO meta VALUES ('schemaVersion', ?)").run(String(schemaVersion));
    return;
  }
  if (Number(row.value) > schemaVersion) {
    throw Object.assign(new Error(`journal schema ${row.value}, this build reads ${schemaVersion}`), {
      code: 'JOURNAL_TOO_NEW',
    });
  }
}

/** Events of removed jobs have no reader any more. */
function forgetRemovedJobs(): void {
  database.exec("DELETE FROM events WHERE job_id IN (SELECT job_id FROM events WHERE type = 'job-removed')");
}

function answer(message: JournalAnswer): void {
  port.postMessage(message);
}

const failure = (id: number, thrown: unknown): JournalAnswer => {
  const error = thrown as { message?: string; code?: unknown; errcode?: unknown };
  // SQLITE_FULL = 13
  const code = error.errcode === 13 ? 'ENOSPC' : typeof error.code === 'string' ? error.code : 'UNKNOWN';
  return { id, ok: false, error: { code, message: error.message ?? String(thrown) } };
};

function commit(appends: readonly Extract<JournalRequest, { kind: 'append' }>[]): void {
  try {
    database.exec('BEGIN IMMEDIATE');
    for (const append of appends) for (const row of append.rows) insert.run(row.jobId, row.type, row.body);
    database.exec('COMMIT');
  } catch (thrown) {
    if (database.isTransaction) database.exec('ROLLBACK');
    for (const append of appends) answer(failure(append.id, thrown));
    return;
  }
  for (const append of appends) answer({ id: append.id, ok: true, bodies: null });
}

function serve(request: Exclude<JournalRequest, { kind: 'append' }>): void {
  try {
    if (request.kind === 'load') {
      checkSchema();
      forgetRemovedJobs();
      const rows = database.prepare('SELECT body FROM events ORDER BY sequence').all();
      answer({ id: request.id, ok: true, bodies: rows.map((row) => String(row.body)) });
      return;
    }
    database.close();
    answer({ id: request.id, ok: true, bodies: null });
    port.close();
  } catch (thrown) {
    answer(failure(request.id, thrown));
  }
}

port.on('message', (first: JournalRequest) => {
  let appends: Extract<JournalRequest, { kind: 'append' }>[] = [];
  let next: JournalRequest | undefined = first;
  while (next !== undefined) {
    if (next.kind === 'append') {
      appends.push(next);
    } else {
      if (appends.length > 0) commit(appends);
      appends = [];
      serve(next);
      if (next.kind === 'close') return;
    }
    next = receiveMessageOnPort(port)?.message as JournalRequest | undefined;
  }
  if (appends.length > 0) commit(appends);
});
