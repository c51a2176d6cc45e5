import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { JournalDamage } from './journalMessages.ts';
import { prepareTables, type ReadJournal, readRows, writeRows } from './journalRows.ts';

/** SQLITE_CORRUPT and SQLITE_NOTADB: the file, not the disk or another process, is at fault. */
export function isDamage(thrown: unknown): boolean {
  const code = Number((thrown as { errcode?: unknown } | null)?.errcode ?? 0) & 0xff;
  return code === 11 || code === 26;
}

/**
 * Puts a journal in place that holds the good events of a damaged one, which is kept under another name. The new one is
 * complete on disk before it takes the name: a death on the way leaves the damaged one, to be salvaged again.
 */
export function salvage(path: string): JournalDamage {
  const read = readDamaged(path);
  const fresh = `${path}.salvaged`;
  for (const file of filesOf(fresh)) rmSync(file, { force: true });
  const database = new DatabaseSync(fresh);
  database.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL');
  prepareTables(database);
  database.exec('BEGIN');
  writeRows(database, read.rows, '');
  database.exec('COMMIT');
  database.close();
  const setAside = freeName(path);
  for (const [index, file] of filesOf(path).entries()) {
    if (existsSync(file)) renameSync(file, filesOf(setAside)[index] ?? '');
  }
  renameSync(fresh, path);
  syncFolder(dirname(path));
  const { rows, readableBehind, broken } = read;
  return { keptEvents: rows.length, readableBehind, setAside, reason: broken ?? 'the file is damaged' };
}

/** As much as can be read: a file that ends early is opened all the same. */
function readDamaged(path: string): ReadJournal {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    database.exec('PRAGMA writable_schema = ON');
    return readRows(database);
  } catch (thrown) {
    return { rows: [], broken: `the file is no journal any more: ${(thrown as Error).message}`, readableBehind: 0 };
  } finally {
    database?.close();
  }
}

/** The file and what SQLite keeps beside it. */
const filesOf = (path: string): string[] => ['', '-wal', '-shm'].map((suffix) => `${path}${suffix}`);

export function freeName(path: string): string {
  for (let number = 1; ; number += 1) {
    const name = `${path}.damaged-${number}`;
    if (!existsSync(name)) return name;
  }
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
