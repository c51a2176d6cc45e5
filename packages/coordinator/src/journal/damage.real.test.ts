import { copyFileSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { JobId } from '@reelmill/protocol';
import type { DurableEvent } from '@reelmill/scheduler';
import { beforeAll, expect, test } from 'vitest';
import { openJournal } from './journal.ts';
import { JournalFile } from './journalFile.ts';
import type { JournalDamage } from './journalMessages.ts';
import { allEvents } from './testing/allEvents.ts';

const count = 120;
const jobId = JobId.parse('J-abcdefghij');
const event = (number: number): DurableEvent => ({
  type: 'job-done',
  v: 1,
  jobId,
  iso: `event ${number} ${'x'.repeat(number % 90)}`,
});
const events = Array.from({ length: count }, (_, number) => event(number));
const folder = mkdtempSync(join(tmpdir(), 'reelmill-damage-'));
const closed = join(folder, 'closed.sqlite');
const killed = join(folder, 'killed.sqlite');

const rowOf = (one: DurableEvent) => ({ jobId, type: one.type, body: JSON.stringify(one) });

beforeAll(() => {
  const file = new JournalFile(closed);
  file.check();
  for (const one of events) file.append([rowOf(one)]);
  copyFileSync(closed, killed);
  copyFileSync(`${closed}-wal`, `${killed}-wal`);
  file.close();
});

let copies = 0;
function copyOf(path: string): string {
  copies += 1;
  const copy = join(mkdtempSync(join(folder, 'copy-')), `journal-${copies}.sqlite`);
  copyFileSync(path, copy);
  if (path === killed) copyFileSync(`${path}-wal`, `${copy}-wal`);
  return copy;
}

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset] = (bytes[offset] ?? 0) ^ (1 << (offset % 8));
  writeFileSync(path, bytes);
}

interface Opened {
  readonly events: readonly DurableEvent[];
  readonly damage: JournalDamage | null;
}

function open(path: string): Opened {
  const file = new JournalFile(path);
  const damage = file.check();
  const { bodies } = file.page(0);
  file.append([rowOf(event(1_000))]);
  file.close();
  return { events: bodies.map((body) => JSON.parse(body) as DurableEvent), damage };
}

/** Nothing but true events, in order, from the first on; where any is missing, people are told and nothing is thrown away. */
function expectHonest(path: string, what: string): Opened {
  const opened = open(path);
  expect(opened.events, what).toEqual(events.slice(0, opened.events.length));
  if (opened.events.length < count) {
    expect(opened.damage, what).not.toBeNull();
    expect(readdirSync(dirname(path)), what).toContain(basename(opened.damage?.setAside ?? ''));
    expect(opened.damage?.keptEvents, what).toBe(opened.events.length);
  }
  const again = open(path);
  expect([again.events.length, again.damage], what).toEqual([opened.events.length + 1, null]);
  return opened;
}

test('a flipped bit anywhere in the journal costs no event before it, and is told', () => {
  const { length } = readFileSync(closed);
  const offsets = Array.from({ length: 30 }, (_, index) => Math.floor(((index + 0.5) * length) / 30) + (index % 7));
  const kept: number[] = [];
  for (const offset of offsets) {
    const path = copyOf(closed);
    flip(path, offset);
    kept.push(expectHonest(path, `bit of byte ${offset}`).events.length);
  }
  expect(kept.filter((one) => one < count).length).toBeGreaterThan(10);
  expect(kept.filter((one) => one > 0).length).toBeGreaterThan(20);
});

test('a flipped bit in what a killed coordinator left in its log is told as well', () => {
  const { length } = readFileSync(`${killed}-wal`);
  const offsets = Array.from({ length: 10 }, (_, index) => Math.floor(((index + 0.5) * length) / 10));
  for (const offset of offsets) {
    const path = copyOf(killed);
    flip(`${path}-wal`, offset);
    const { damage } = expectHonest(path, `bit of byte ${offset} of the log`);
    expect(damage?.reason).toContain('log');
  }
});

test('a journal that ends in the middle of a record is opened at its last good event', () => {
  const { length } = readFileSync(closed);
  for (const part of [0.3, 0.6, 0.95]) {
    const path = copyOf(closed);
    truncateSync(path, Math.floor(length * part));
    const { damage } = expectHonest(path, `${part} of the file`);
    expect(damage).not.toBeNull();
  }
  const path = copyOf(killed);
  truncateSync(`${path}-wal`, Math.floor(readFileSync(`${killed}-wal`).length * 0.7));
  expectHonest(path, 'a part of the log');
});

test('a journal written before there were checksums opens, and its new events are checked', () => {
  const path = copyOf(closed);
  const database = new DatabaseSync(path);
  database.exec('ALTER TABLE events DROP COLUMN checksum');
  database.close();
  const opened = open(path);
  expect([opened.events, opened.damage]).toEqual([events, null]);
  const bytes = readFileSync(path);
  flip(path, bytes.indexOf('event 1000') + 3);
  const damaged = open(path);
  expect(damaged.events).toEqual(events);
  expect(damaged.damage).toMatchObject({ keptEvents: count });
});

test('the coordinator hears of the damage, and what it appends from then on is kept', async () => {
  const path = copyOf(closed);
  flip(path, readFileSync(path).indexOf('event 60 ') + 7);
  const journal = openJournal({ path });
  expect(await allEvents(journal)).toEqual(events.slice(0, 60));
  expect(journal.damage()).toMatchObject({ keptEvents: 60, readableBehind: count - 61 });
  await journal.append([event(1_000)]);
  await journal.close();
  expect(open(path).events.at(-1)).toEqual(event(1_000));
});
