import { JobId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { EtaBook, type EtaRange } from './etaBook.ts';

const job = JobId.parse('J-aaaaaaaaaa');

/** Plays a job of 40 chunks of 48 frames at a steady rate; returns the ranges shown, second by second. */
function play(book: EtaBook, framesPerSecond: number, seconds: number): (EtaRange | null)[] {
  return Array.from({ length: seconds }, (_, second) => {
    const done = Math.min(1_920, second * framesPerSecond);
    return book.range(job, {
      framesTotal: 1_920,
      framesLeft: 1_920 - done,
      chunksDone: Math.floor(done / 48),
      chunksTotal: 40,
      nowMs: 5_000 + second * 1_000,
    });
  });
}

test('nothing is promised before three chunks; then the range holds the truth', () => {
  const shown = play(new EtaBook(), 24, 60);
  expect(shown.slice(0, 6)).toEqual(Array(6).fill(null));
  shown.slice(6).forEach((range, index) => {
    const truth = 80 - (6 + index);
    expect(range?.fromSeconds).toBeLessThanOrEqual(truth);
    expect(range?.toSeconds).toBeGreaterThanOrEqual(truth);
  });
});

test('the shown text changes at most every 5 s', () => {
  const texts = play(new EtaBook(), 24, 60)
    .slice(6)
    .map((range) => JSON.stringify(range));
  const changes = texts.flatMap((text, second) => (second > 0 && text !== texts[second - 1] ? [second] : []));
  const gaps = changes.slice(1).map((second, index) => second - (changes[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5);
});

test('nothing is promised while nothing moves', () => {
  const book = new EtaBook();
  play(book, 24, 40);
  const stalled = { framesTotal: 1_920, framesLeft: 984, chunksDone: 19, chunksTotal: 40 };
  for (let second = 45; second < 110; second += 1) book.range(job, { ...stalled, nowMs: second * 1_000 });
  expect(book.range(job, { ...stalled, nowMs: 120_000 })).toBeNull();
});

test('whether a job ended inside its range is told and kept', () => {
  const book = new EtaBook();
  play(book, 24, 30);
  const right = book.finished(job, 5_000 + 82_000);
  expect(right).toMatchObject({ tookSeconds: expect.any(Number) });
  play(book, 24, 30);
  const wrong = book.finished(job, 5_000 + 400_000);
  expect(book.record()).toEqual({ right: 1, total: 2 });
  expect(new EtaBook([right, wrong].filter((kept) => kept !== null)).record()).toEqual({ right: 1, total: 2 });
  expect(book.finished(job, 500_000)).toBeNull();
});

test('jobs that took twice as long as estimated widen the next range', () => {
  const book = new EtaBook();
  const before = play(book, 24, 30).at(-1);
  book.forget(job);
  for (let round = 0; round < 10; round += 1) {
    play(book, 24, 30);
    // Calibrated at 25 s with 55 s to go; in truth it took 110 s.
    book.finished(job, 5_000 + 135_000);
  }
  const after = play(book, 24, 30).at(-1);
  expect(after?.toSeconds).toBeGreaterThan(before?.toSeconds ?? 0);
});
