import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { JournalPage, JournalRow } from './journalMessages.ts';

/** About 2 MB: what the journal's thread and its reader hold at once of a long journal. */
const rowsPerPage = 2_000;

/** A row as it lies in the file. `checksum` null: written by a build without checksums. */
interface StoredRow extends JournalRow {
  readonly sequence: number;
  readonly checksum: string | null;
}

export interface ReadJournal {
  readonly rows: readonly JournalRow[];
  /** Why the reading ended before the end; null: it did not. */
  readonly broken: string | null;
  /** Rows that could still be read behind the first bad one. */
  readonly readableBehind: number;
}

const tables = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY, job_id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT;
`;

/** Makes what is missing; the column of checksums came later than the table. */
export function prepareTables(database: DatabaseSync): void {
  database.exec(tables);
  const columns = database.prepare("SELECT name FROM pragma_table_info('events')").all();
  if (!columns.some(({ name }) => name === 'checksum')) database.exec('ALTER TABLE events ADD COLUMN checksum TEXT');
}

/** SHA-256 over the checksum before and the row: a flipped bit, a lost row or a swapped one breaks the chain. */
function checksumOf(before: string, { jobId, type, body }: JournalRow): string {
  return createHash('sha256').update(`${before}\n${jobId}\n${type}\n${body}`).digest('hex').slice(0, 32);
}

/** The checksum of the last row; empty where there is none. */
export function lastChecksum(database: DatabaseSync): string {
  const row = database.prepare('SELECT checksum FROM events ORDER BY sequence DESC LIMIT 1').get();
  return String(row?.checksum ?? '');
}

/** Appends within the caller's transaction; returns the checksum of the last row. */
export function writeRows(database: DatabaseSync, rows: Iterable<JournalRow>, before: string): string {
  const insert = database.prepare('INSERT INTO events (job_id, type, body, checksum) VALUES (?, ?, ?, ?)');
  let checksum = before;
  for (const row of rows) {
    checksum = checksumOf(checksum, row);
    insert.run(row.jobId, row.type, row.body, checksum);
  }
  return checksum;
}

/** How far the journal is as it was written. */
export type CheckedJournal = Omit<ReadJournal, 'rows'> & { readonly good: number };

/** Visits every row in order, up to the first that is not as it was written. Never throws for what the file holds. */
export function checkRows(database: DatabaseSync, visit: (row: JournalRow) => void): CheckedJournal {
  let good = 0;
  let before = '';
  let broken: string | null = null;
  let readableBehind = 0;
  try {
    const all = database.prepare(
      'SELECT sequence, job_id AS jobId, type, body, checksum FROM events ORDER BY sequence',
    );
    for (const row of all.iterate() as Iterable<StoredRow & Record<string, unknown>>) {
      broken ??= faultOf(row, before);
      before = row.checksum ?? '';
      if (broken === null) {
        good += 1;
        visit(row);
      } else readableBehind += 1;
    }
  } catch (thrown) {
    broken ??= `the file cannot be read behind event ${good}: ${(thrown as Error).message}`;
  }
  return { good, broken, readableBehind: Math.max(0, readableBehind - 1) };
}

/** The good rows themselves. */
export function readRows(database: DatabaseSync): ReadJournal {
  const rows: JournalRow[] = [];
  const checked = checkRows(database, ({ jobId, type, body }) => rows.push({ jobId, type, body }));
  return { rows, broken: checked.broken, readableBehind: checked.readableBehind };
}

/** Bodies of the rows behind that sequence, at most a page of them. */
export function readPage(database: DatabaseSync, after: number): JournalPage {
  const rows = database
    .prepare('SELECT sequence, body FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?')
    .all(after, rowsPerPage) as { sequence: number; body: string }[];
  return {
    bodies: rows.map(({ body }) => body),
    last: rows.length < rowsPerPage ? null : (rows.at(-1)?.sequence ?? null),
  };
}

/** Events of one job, oldest first, without what results report and hold. */
export function readJobBodies(path: string, jobId: string): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = database.prepare(
      "SELECT json_remove(body, '$.result.report', '$.result.artifacts') AS body FROM events WHERE job_id = ? ORDER BY sequence",
    );
    return rows.all(jobId).map(({ body }) => String(body));
  } finally {
    database.close();
  }
}

function faultOf(row: StoredRow, before: string): string | null {
  if (row.checksum !== null)
    return row.checksum === checksumOf(before, row) ? null : `event ${row.sequence} does not match its checksum`;
  try {
    const event = JSON.parse(row.body) as { type?: unknown };
    return event.type === row.type ? null : `event ${row.sequence} is not of its own type`;
  } catch {
    return `event ${row.sequence} is not JSON`;
  }
}

/** Events of removed jobs have no reader any more; the chain closes over the gap. */
export function forgetRemovedJobs(database: DatabaseSync): void {
  const removed = new Set(
    database
      .prepare("SELECT DISTINCT job_id AS jobId FROM events WHERE type = 'job-removed'")
      .all()
      .map(({ jobId }) => String(jobId)),
  );
  if (removed.size === 0) return;
  const kept = readRows(database).rows.filter(({ jobId }) => !removed.has(jobId));
  database.exec('BEGIN IMMEDIATE; DELETE FROM events');
  writeRows(database, kept, '');
  database.exec('COMMIT');
}
