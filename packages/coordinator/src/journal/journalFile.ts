import { DatabaseSync } from 'node:sqlite';
import type { JournalDamage, JournalPage, JournalRow } from './journalMessages.ts';
import { checkRows, forgetRemovedJobs, lastChecksum, prepareTables, readPage, writeRows } from './journalRows.ts';
import { freeName, isDamage, salvage } from './salvage.ts';
import { setAsideBadLog } from './walTail.ts';

const schemaVersion = 1;

/** The journal's file: every call waits for the disk. A damaged one is set aside and goes on after its last good event. */
export class JournalFile {
  readonly #path: string;
  /** Seen before SQLite opens the file: it would cut the log there in silence. */
  readonly #badLog: { readonly setAside: string; readonly reason: string } | null;
  /** Once found it is told by every later load of this process. */
  #damage: JournalDamage | null = null;
  #database: DatabaseSync;
  /** Of the last row in the file. */
  #checksum: string;

  constructor(path: string) {
    this.#path = path;
    this.#badLog = setAsideBadLog(path, freeName(path));
    this.#database = this.#openOrSalvage();
    this.#checksum = lastChecksum(this.#database);
  }

  /** Reads every row; afterwards the file holds good events only, none of them of a removed job. */
  check(): JournalDamage | null {
    this.#checkSchema();
    let { good, broken } = checkRows(this.#database, () => {});
    if (broken !== null) {
      this.#database.close();
      this.#damage = salvage(this.#path);
      this.#database = openDatabase(this.#path);
      this.#checkSchema();
      good = this.#damage.keptEvents;
    }
    if (this.#badLog !== null) this.#damage ??= { ...this.#badLog, keptEvents: good, readableBehind: 0 };
    forgetRemovedJobs(this.#database);
    this.#checksum = lastChecksum(this.#database);
    return this.#damage;
  }

  /** Events behind that sequence; 0: the first. */
  page(after: number): JournalPage {
    return readPage(this.#database, after);
  }

  /** All rows in one commit, or none: then it throws what SQLite threw. */
  append(rows: Iterable<JournalRow>): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const last = writeRows(this.#database, rows, this.#checksum);
      this.#database.exec('COMMIT');
      this.#checksum = last;
    } catch (thrown) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw thrown;
    }
  }

  close(): void {
    this.#database.close();
  }

  #openOrSalvage(): DatabaseSync {
    try {
      return openDatabase(this.#path);
    } catch (thrown) {
      if (!isDamage(thrown)) throw thrown;
      this.#damage = salvage(this.#path);
      return openDatabase(this.#path);
    }
  }

  #checkSchema(): void {
    const row = this.#database.prepare("SELECT value FROM meta WHERE name = 'schemaVersion'").get();
    if (row === undefined) {
      this.#database.prepare("INSERT INTO meta VALUES ('schemaVersion', ?)").run(String(schemaVersion));
      return;
    }
    if (Number(row.value) > schemaVersion) {
      throw Object.assign(new Error(`journal schema ${row.value}, this build reads ${schemaVersion}`), {
        code: 'JOURNAL_TOO_NEW',
      });
    }
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000');
    prepareTables(database);
    lastChecksum(database);
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}
