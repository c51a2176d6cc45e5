import fc from 'fast-check';
import { expect, test } from 'vitest';
import { steadyPts } from '../testing/plannedFrames.ts';
import { pickFramesAt, pickShownFrames } from './pickFrames.ts';

const timeBase = { num: 1, den: 15_360 };
const steady = { pts: steadyPts(90, 7000), timeBase, endPts: 7000 + 90 * 512 };

test('one a second of a film at 30 frames a second: every thirtieth, counted from its first frame', () => {
  const picks = pickShownFrames(steady, { step: { num: 1, den: 1 } });
  expect(picks.map(({ frame, atSeconds }) => [frame, atSeconds])).toEqual([
    [0, 0],
    [30, 1],
    [60, 2],
  ]);
  expect(picks[1]).toMatchObject({ pts: 7000 + 30 * 512, fromPts: 7000 + 29.5 * 512, endPts: 7000 + 30.5 * 512 });
  expect(picks[0]?.fromPts).toBeNull();
});

test('a frame shown at several instants is picked once', () => {
  expect(pickShownFrames(steady, { step: { num: 1, den: 240 } }).map(({ frame }) => frame)).toEqual(
    Array.from({ length: 90 }, (_, at) => at),
  );
});

test('times that Matroska rounded to milliseconds still give every frame of an NTSC film', () => {
  const pts = Array.from({ length: 60 }, (_, at) => Math.round((at * 1001) / 30));
  const picks = pickShownFrames(
    { pts, timeBase: { num: 1, den: 1000 }, endPts: 2002 },
    { step: { num: 1001, den: 30_000 } },
  );
  expect(picks).toHaveLength(60);
});

test('a stretch begins with the frame shown at its start', () => {
  const picks = pickShownFrames(steady, { step: { num: 1, den: 10 }, fromSeconds: 1.01, untilSeconds: 1.31 });
  expect(picks.map(({ frame }) => frame)).toEqual([30, 33, 36]);
  expect(pickFramesAt(steady, [1.01, 1.02, 99]).map(({ frame }) => frame)).toEqual([30, 89]);
});

test('of any film at any rate: the last frame not later than each instant, in order, none twice', () => {
  const film = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(film, fc.integer({ min: 1, max: 4000 }), (deltas, stepMs) => {
      const pts = deltas.map((_, at) => deltas.slice(0, at).reduce((sum, one) => sum + one, 500));
      const endPts = (pts.at(-1) ?? 0) + (deltas.at(-1) ?? 1);
      const step = { num: stepMs, den: 1000 };
      const picks = pickShownFrames({ pts, timeBase: { num: 1, den: 1000 }, endPts }, { step });
      const shown = new Set<number>();
      for (let instant = 500; instant < endPts; instant += stepMs) {
        shown.add(pts.findLastIndex((time) => time <= instant));
      }
      expect(picks.map(({ frame }) => frame)).toEqual([...shown]);
    }),
  );
});
