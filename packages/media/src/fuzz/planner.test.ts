import { FarmError, hasPicture } from '@reelmill/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastFrame, plannedTicks } from '../assemble/joinTimeline.ts';
import type { Manifest } from '../manifest.ts';
import { autoChunkSeconds } from '../plan/autoChunkSeconds.ts';
import { cutFrames } from '../plan/cutFrames.ts';
import { cutNearKeyframes } from '../plan/cutNearKeyframes.ts';
import { deltaRuns, timesOf } from '../plan/deltaRuns.ts';
import { manifestTasks } from '../plan/manifestTasks.ts';
import { endOfLastFrame, planChunks } from '../plan/planChunks.ts';
import type { planRendition } from '../plan/planRendition.ts';
import { planSource } from '../plan/planSource.ts';
import { loadTimedPresets } from '../presets/loadPresets.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';
import { indexOf, plainIdentity, plainInfo } from '../testing/plannedFrames.ts';

const runs = { numRuns: 1000 };
const presets = await loadTimedPresets();

/** Steps between frames: steady, jittering, standing still for years, and (share 0) none at all. */
const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(1, 40, 512, 1001) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 100_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 ** 40 }) },
);
const anyTimeBase = fc.constantFrom(
  { num: 1, den: 1000 },
  { num: 1, den: 15_360 },
  { num: 1, den: 90_000 },
  { num: 1001, den: 30_000 },
  { num: 1000, den: 1 },
  { num: 1, den: 1_000_000 },
  { num: 1, den: 2_147_483_647 },
);
const anyPts = fc
  .record({ first: fc.integer({ min: -(2 ** 33), max: 2 ** 33 }), steps: fc.array(anyStep, { maxLength: 120 }) })
  .map(({ first, steps }) => {
    const pts = [first];
    for (const step of steps) pts.push((pts.at(-1) ?? 0) + step);
    return pts;
  });
const anyIndex = fc
  .record({
    pts: anyPts,
    every: fc.integer({ min: 1, max: 60 }),
    clean: fc.boolean(),
    lastFrameTicks: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 2 ** 33 })),
  })
  .map(({ pts, every, clean, lastFrameTicks }): SourceIndex => ({ ...indexOf(pts, every, clean), lastFrameTicks }));
const anyInfo = fc
  .record({
    timeBase: anyTimeBase,
    averageFrameRate: fc.constantFrom(null, 0.001, 25, 1_000_000),
    width: fc.integer({ min: 1, max: 8192 }),
    height: fc.integer({ min: 1, max: 8192 }),
    pixelFormat: fc.constantFrom('yuv420p', 'yuvj422p', 'yuva444p12le', 'gray', 'pal8', 'gbrpf32le'),
    fieldOrder: fc.constantFrom(null, 'progressive', 'tt'),
    rotationClockwise: fc.constantFrom(0, 90, 180, 270),
    sampleAspectRatio: fc.record({ num: fc.integer({ min: 1, max: 4000 }), den: fc.integer({ min: 1, max: 4000 }) }),
  })
  .map((video): MediaInfo => ({ ...plainInfo, video: { ...plainInfo.video, ...video } }));
const anyChunkSeconds = fc.oneof(
  fc.double({ min: 0.001, max: 100, noNaN: true }),
  fc.constantFrom(0.001, 2, 3600, Number.MAX_VALUE),
);

/** First frames that make chunks: from 0, ascending, none empty. */
function expectCuts(cuts: readonly number[], frames: number): void {
  expect(cuts[0]).toBe(0);
  for (const [at, cut] of cuts.entries()) {
    if (at > 0) expect(cut).toBeGreaterThan(cuts[at - 1] ?? 0);
    expect(cut).toBeLessThan(frames);
  }
}

describe('cuts', () => {
  test('cutFrames: from 0, ascending, no chunk empty, whatever stands still however long', () => {
    fc.assert(
      fc.property(anyIndex, anyInfo, anyChunkSeconds, (index, info, chunkSeconds) => {
        const endPts = endOfLastFrame(index, info);
        const { timeBase } = info.video;
        expectCuts(cutFrames({ pts: index.pts, timeBase, chunkSeconds, endPts }), index.pts.length);
      }),
      runs,
    );
  });

  test('cutNearKeyframes: the same', () => {
    fc.assert(
      fc.property(anyIndex, anyInfo, anyChunkSeconds, (index, info, chunkSeconds) => {
        const endPts = endOfLastFrame(index, info);
        const { timeBase } = info.video;
        expectCuts(cutNearKeyframes({ pts: index.pts, timeBase, chunkSeconds, endPts }, index), index.pts.length);
      }),
      runs,
    );
  });

  test('autoChunkSeconds: positive and finite for every length and cost', () => {
    const anyAmount = fc.oneof(fc.double({ min: 0, max: 1e12, noNaN: true }), fc.constantFrom(0, 1e-9, 4, 1e300));
    fc.assert(
      fc.property(anyAmount, anyAmount, (durationSeconds, costSeconds) => {
        const seconds = autoChunkSeconds(durationSeconds, costSeconds);
        expect(Number.isFinite(seconds) && seconds > 0).toBe(true);
        if (durationSeconds >= 4 && durationSeconds < 1e9)
          expect(seconds).toBeLessThanOrEqual(durationSeconds / 2 + 0.001);
      }),
      runs,
    );
  });
});

test('planChunks: every frame in exactly one chunk, in order, trimmed between two frames', () => {
  fc.assert(
    fc.property(anyIndex, anyInfo, anyChunkSeconds, (index, info, chunkSeconds) => {
      const endPts = endOfLastFrame(index, info);
      const cuts = cutFrames({ pts: index.pts, timeBase: info.video.timeBase, chunkSeconds, endPts });
      const chunks = planChunks(info, index, cuts);
      expect(chunks.flatMap(({ firstPts, deltas }) => timesOf(firstPts, deltas))).toEqual(index.pts);
      for (const { first, end, trimStartPts, trimEndPts } of chunks) {
        if (trimStartPts !== null) expectBetween(trimStartPts, index.pts, first);
        if (trimEndPts !== null) expectBetween(trimEndPts, index.pts, end);
      }
    }),
    runs,
  );
});

/** `trim` keeps what is at or after it: above the frame before, not above the frame itself. */
function expectBetween(trimPts: number, pts: readonly number[], frame: number): void {
  expect(trimPts).toBeGreaterThan(pts[frame - 1] ?? Number.NaN);
  expect(trimPts).toBeLessThanOrEqual(pts[frame] ?? Number.NaN);
}

test('deltaRuns and timesOf undo each other, for times in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), { minLength: 1, maxLength: 200 }), (times) => {
      const runsOfTimes = deltaRuns(times);
      expect(timesOf(times[0] ?? 0, runsOfTimes)).toEqual(times);
      expect(runsOfTimes.every(([, count]) => count > 0)).toBe(true);
    }),
    runs,
  );
});

test('joinTimeline: the planned times are those of the index, and the last frame ends with the film', () => {
  fc.assert(
    fc.property(anyIndex, anyInfo, anyChunkSeconds, (index, info, chunkSeconds) => {
      const endPts = endOfLastFrame(index, info);
      const { timeBase } = info.video;
      const chunks = planChunks(info, index, cutFrames({ pts: index.pts, timeBase, chunkSeconds, endPts }));
      const first = index.pts[0] ?? 0;
      expect([...plannedTicks({ chunks })]).toEqual(index.pts.map((pts) => pts - first));
      const last = lastFrame({ chunks, timeBase });
      expect(last.durationSeconds).toBeGreaterThan(0);
      expect(last.durationSeconds).toBeCloseTo(((endPts - (index.pts.at(-1) ?? 0)) * timeBase.num) / timeBase.den, 3);
    }),
    runs,
  );
});

test('planSource: a whole plan or a FarmError, for every source, preset and chunk length', () => {
  const anyPreset = fc.constantFrom(...presets);
  const anyAsked = fc.oneof(fc.constant(null), anyChunkSeconds, fc.constantFrom(0, -1, Number.NaN));
  fc.assert(
    fc.property(anyIndex, anyInfo, anyPreset, anyAsked, (index, info, preset, chunkSeconds) => {
      const manifest = planned({ index, info, preset, chunkSeconds });
      if (manifest === null) return;
      expect(manifest.frames).toBe(hasPicture(preset) ? index.pts.length : 0);
      expect(manifest.chunks.every(({ first, end }) => end > first)).toBe(true);
      const tasks = manifestTasks(manifest);
      expect(tasks.encode.length).toBe(manifest.chunks.length);
      expect(tasks.encode.every(({ costSeconds }) => Number.isFinite(costSeconds))).toBe(true);
    }),
    runs,
  );
});

type Asked = Pick<Parameters<typeof planRendition>[0], 'index' | 'info' | 'preset' | 'chunkSeconds'>;

/** null: refused with a FarmError. Anything else thrown fails the property. */
function planned({ index, info, preset, chunkSeconds }: Asked): Manifest | null {
  const rest = {
    identity: plainIdentity,
    settings: {},
    threads: null,
    toolchainClass: 'test',
    verify: 'seams',
  } as const;
  try {
    return planSource({ kind: 'film', info, index }, { ...rest, presets: [preset], chunkSeconds })[0] ?? null;
  } catch (thrown) {
    if (thrown instanceof FarmError) return null;
    throw thrown;
  }
}
