import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { isFilmName, isIgnoredName } from './fileNames.ts';
import { openSeenLedger, type Seen } from './seenLedger.ts';
import { unitsOf } from './units.ts';

test.each([
  ['.hidden.mov', true],
  ['~lock.mov', true],
  ['film.mov.part', true],
  ['film.mp4.crdownload', true],
  ['film.mov~', true],
  ['film.tmp', true],
  ['.reelmill-J-aaaaaaaaaa-h264.part', true],
  ['film_h264.mp4.proof.json', true],
  ['film.mov', false],
  ['partial report.mov', false],
  ['فيلم 🎬\n.mov', false],
])('%j is left alone: %s', (name, ignored) => {
  expect(isIgnoredName(name)).toBe(ignored);
});

test('a film is one by its name; a script of the same ending is none', () => {
  expect([isFilmName('a.MOV'), isFilmName('a.ts'), isFilmName('a.txt')]).toEqual([true, false, false]);
});

test('frames are one unit, with a run of their own behind a long gap; two pictures are none', () => {
  const frames = [1, 2, 3, 5].map((number) => join('shots', `a_000${number}.png`));
  const far = [5001, 5002, 5003].map((number) => join('shots', `a_${number}.png`));
  const units = unitsOf([...far, 'film.mov', ...frames, 'b_1.png', 'b_2.png']);
  expect(units.map(({ name, members }) => [name, members.length])).toEqual([
    ['a_[0001-0005].png', 4],
    ['a_[5001-5003].png', 3],
    ['film.mov', 1],
    ['b_1.png', 1],
    ['b_2.png', 1],
  ]);
  expect(units[0]?.members[0]).toBe(join('shots', 'a_0001.png'));
});

const jobId = JobId.parse('J-aaaaaaaaaa');
const seen = (key: string, more: Partial<Seen> = {}): Seen => {
  const content = { sizeBytes: 10, mtimeNs: '100' };
  return { key, name: key, frames: null, ...content, jobId, at: '2026-01-01T00:00:00.000Z', settled: false, ...more };
};
const unit = (key: string) => ({ key, name: key, members: [key], frames: null });

test('what was noted is known after a restart; a line that a crash cut short counts for nothing', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'reelmill-seen-')), 'seen', 'W.jsonl');
  const first = await openSeenLedger(path);
  await Promise.all([
    first.note(seen('a.mov')),
    first.note(seen('out.mp4', { jobId: null })),
    first.note(seen('b.mov')),
  ]);
  await first.close();
  await writeFile(path, (await readFile(path, 'utf8')).slice(0, -20));
  const second = await openSeenLedger(path);
  const content = { sizeBytes: 10, mtimeNs: '100' };
  expect(['a.mov', 'out.mp4', 'b.mov'].map((key) => second.knows(unit(key), content))).toEqual([true, true, false]);
  expect(second.knows(unit('a.mov'), { ...content, mtimeNs: '101' })).toBe(false);
  expect([second.pickups(), second.lastPickup()?.name]).toEqual([1, 'a.mov']);
  await second.note(seen('c.mov'));
  await second.close();
  expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(3);
});

test('frames that were taken away do not make a new sequence of the rest; a frame that came does', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'reelmill-seen-')), 'W.jsonl');
  const ledger = await openSeenLedger(path);
  const frames = { first: 1, last: 100, count: 100, pattern: 'a_#4.png' };
  await ledger.note(seen('a_#4.png@1', { frames, sizeBytes: 1_000, mtimeNs: '500' }));
  const of = (first: number, last: number, sight: { sizeBytes: number; mtimeNs: string }) =>
    ledger.knows({ ...unit(`a_#4.png@${first}`), frames: { ...frames, first, last, count: last - first + 1 } }, sight);
  expect(of(1, 100, { sizeBytes: 1_000, mtimeNs: '500' })).toBe(true);
  expect(of(31, 100, { sizeBytes: 700, mtimeNs: '500' })).toBe(true);
  expect(of(1, 101, { sizeBytes: 1_010, mtimeNs: '600' })).toBe(false);
  expect(of(1, 100, { sizeBytes: 1_001, mtimeNs: '600' })).toBe(false);
  await ledger.close();
});
