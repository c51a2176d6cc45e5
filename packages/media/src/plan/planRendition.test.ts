import { type Preset, Toolchain } from '@reelmill/protocol';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type FilmManifest, Manifest } from '../manifest.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';
import { indexOf, plainIdentity, plainInfo, steadyPts } from '../testing/plannedFrames.ts';
import { timesOf } from './deltaRuns.ts';
import { assertFilters, whyNotOn } from './judgeToolchain.ts';
import { manifestTasks } from './manifestTasks.ts';
import { planRendition } from './planRendition.ts';

let presets: Preset[] = [];
beforeAll(async () => {
  presets = await loadTimedPresets();
});

interface Change {
  readonly chunkSeconds?: number | null;
  readonly preset?: string;
  readonly settings?: Record<string, string>;
  readonly threads?: number;
}

function plan(index: SourceIndex, change: Change = {}, info: MediaInfo = plainInfo): FilmManifest {
  return planRendition({
    info,
    index,
    identity: plainIdentity,
    preset: findPreset(presets, change.preset ?? 'h264-720p'),
    settings: change.settings ?? {},
    chunkSeconds: change.chunkSeconds === undefined ? 2 : change.chunkSeconds,
    threads: change.threads ?? null,
    toolchainClass: 'test',
    verify: 'seams',
  });
}

/** Variable frame rates with gaps, any first time, key frames of any distance. */
const anyIndex = fc
  .record({
    first: fc.integer({ min: -20_000, max: 2_000_000 }),
    deltas: fc.array(
      fc.oneof(fc.constant(512), fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 90_000 })),
      {
        minLength: 1,
        maxLength: 400,
      },
    ),
    keyframeEvery: fc.integer({ min: 1, max: 300 }),
    clean: fc.boolean(),
  })
  .map(({ first, deltas, keyframeEvery, clean }) => {
    const pts = [first];
    for (const delta of deltas) pts.push((pts.at(-1) ?? 0) + delta);
    return indexOf(pts, keyframeEvery, clean);
  });
const anyChunkSeconds = fc.oneof(fc.constant(null), fc.double({ min: 0.05, max: 20, noNaN: true }));

describe('for every source and chunk length', () => {
  test('chunks are contiguous, cover all frames once, and carry the times of the index', () => {
    fc.assert(
      fc.property(anyIndex, anyChunkSeconds, (index, chunkSeconds) => {
        const manifest = plan(index, { chunkSeconds });
        expect(manifest.chunks[0]?.first).toBe(0);
        expect(manifest.chunks.at(-1)?.end).toBe(index.pts.length);
        for (const [at, chunk] of manifest.chunks.entries()) {
          expect(chunk.end).toBeGreaterThan(chunk.first);
          expect(chunk.first).toBe(manifest.chunks[at - 1]?.end ?? 0);
        }
        expect(manifest.chunks.flatMap((chunk) => timesOf(chunk.firstPts, chunk.deltas))).toEqual(index.pts);
      }),
    );
  });

  test('a seek lands before everything a chunk needs, a trim between two frames', () => {
    fc.assert(
      fc.property(anyIndex, anyChunkSeconds, (index, chunkSeconds) => {
        const manifest = plan(index, { chunkSeconds });
        for (const chunk of manifest.chunks) {
          const edgePts = index.pts[Math.max(0, chunk.first - 3)] ?? 0;
          if (chunk.seekSeconds !== null) expect((chunk.seekSeconds - 0.0006) * 15_360).toBeLessThanOrEqual(edgePts);
          expect(chunk.trimStartPts === null).toBe(chunk.first === 0);
          expect(chunk.trimEndPts === null).toBe(chunk.end === index.pts.length);
          if (chunk.trimStartPts !== null) {
            expect(chunk.trimStartPts).toBeGreaterThan(index.pts[chunk.first - 1] ?? 0);
            expect(chunk.trimStartPts).toBeLessThanOrEqual(chunk.firstPts);
          }
        }
      }),
    );
  });

  test('joined durations lead exactly to the next chunk', () => {
    fc.assert(
      fc.property(anyIndex, (index) => {
        const { chunks } = plan(index);
        for (const [at, chunk] of chunks.entries()) {
          const next = chunks[at + 1];
          if (next) expect(chunk.firstPts + chunk.durationTicks).toBe(next.firstPts);
        }
      }),
    );
  });

  test('the plan is valid data, and the same input gives the same plan', () => {
    fc.assert(
      fc.property(anyIndex, anyChunkSeconds, (index, chunkSeconds) => {
        const manifest = plan(index, { chunkSeconds });
        expect(Manifest.parse(manifest)).toEqual(manifest);
        expect(plan(index, { chunkSeconds })).toEqual(manifest);
      }),
      { numRuns: 30 },
    );
  });
});

test('a last chunk shorter than half joins its neighbour', () => {
  expect(plan(indexOf(steadyPts(300), 30)).chunks.map(({ end }) => end)).toEqual([60, 120, 180, 240, 300]);
  expect(plan(indexOf(steadyPts(325), 30)).chunks.map(({ end }) => end)).toEqual([60, 120, 180, 240, 325]);
  expect(plan(indexOf(steadyPts(335), 30)).chunks.map(({ end }) => end)).toEqual([60, 120, 180, 240, 300, 335]);
});

test('without proof of clean key frames decoding starts two key frames before the covering one', () => {
  const [, , third] = plan(indexOf(steadyPts(300), 30)).chunks;
  expect(third?.first).toBe(120);
  expect(third?.seekSeconds).toBeCloseTo(60 / 30 + 0.0005, 6);
  const [, , clean] = plan(indexOf(steadyPts(300), 30, true)).chunks;
  expect(clean?.seekSeconds).toBeCloseTo(90 / 30 + 0.0005, 6);
});

test('a container that starts late is seeked from its own start', () => {
  const index = indexOf(steadyPts(300, 153_600), 30);
  const [, , third] = plan(index, {}, { ...plainInfo, containerStartSeconds: 9.5 }).chunks;
  expect(third?.seekSeconds).toBeCloseTo(10 + 2 - 9.5 + 0.0005, 6);
});

test('what cannot be cut goes whole and says why', () => {
  const index = indexOf(steadyPts(300), 30);
  expect(plan({ ...index, doubt: 'the video stream is damaged' }).wholeReason).toBe('The video stream is damaged.');
  expect(plan(index, {}, { ...plainInfo, demuxer: 'ogg' }).wholeReason).toMatch(/Ogg/);
  expect(plan(indexOf(steadyPts(80), 30)).wholeReason).toMatch(/shorter than two chunks/);
  expect(plan(indexOf(steadyPts(50), 30), { chunkSeconds: 5 }).wholeReason).toMatch(/no longer than one chunk of 5 s/);
  expect(plan(indexOf(steadyPts(80), 30)).chunks).toHaveLength(1);
});

describe('without --chunk-seconds', () => {
  test('a clip of 4 s and more is work for two slots', () => {
    expect(plan(indexOf(steadyPts(120), 30), { chunkSeconds: null }).chunks.length).toBeGreaterThanOrEqual(2);
    expect(plan(indexOf(steadyPts(300), 30), { chunkSeconds: null }).chunks.length).toBeGreaterThanOrEqual(2);
  });

  test('chunks of a long film cost about 10 s of CPU each', () => {
    const tasks = manifestTasks(plan(indexOf(steadyPts(108_000), 250, true), { chunkSeconds: null }));
    const costs = tasks.encode.map(({ costSeconds }) => costSeconds);
    expect(Math.min(...costs)).toBeGreaterThan(4);
    expect(costs.reduce((sum, cost) => sum + cost) / costs.length).toBeGreaterThan(7);
  });

  test('cuts lie just behind clean key frames', () => {
    const { chunks } = plan(indexOf(steadyPts(3000), 100, true), { chunkSeconds: null });
    expect(chunks.length).toBeGreaterThan(4);
    for (const { first } of chunks.slice(1)) expect(first % 100).toBe(19);
  });
});

test('the edges of a chunk are the last frames before it and its own last frames', () => {
  const { encode } = manifestTasks(plan(indexOf(steadyPts(300), 30)));
  expect(encode[0]?.spec.edges.before).toEqual([]);
  expect(encode[1]?.spec.edges.before.map(({ frame }) => frame)).toEqual([57, 58, 59]);
  expect(encode[0]?.spec.edges.last).toEqual(encode[1]?.spec.edges.before);
});

test('settings and threads are part of the plan, and nonsense is refused', () => {
  const index = indexOf(steadyPts(300), 30);
  const { video } = plan(index, { settings: { speed: 'veryfast', crf: '30' }, threads: 3 });
  expect(video.encoderArgs.join(' ')).toContain('-preset veryfast -profile:v high -crf 30');
  expect(video.threads).toBe(3);
  expect(() => plan(index, { settings: { speed: 'warp' } })).toThrow(
    expect.objectContaining({ code: 'PRESET_INVALID' }),
  );
  expect(() => plan(index, { settings: { crf: '99' } })).toThrow(/crf/);
  expect(() => plan(index, { settings: { vf: 'movie=/etc/passwd' } })).toThrow(/vf/);
  expect(() => plan(index, { preset: 'ffv1-archive', settings: { crf: '1' } })).toThrow(/ffv1-archive/);
  expect(() => plan(index, { chunkSeconds: 0 })).toThrow(expect.objectContaining({ code: 'PRESET_INVALID' }));
});

describe('text in the picture', () => {
  const settings = { timecode: 'bottom' };
  const build = { ffmpegVersion: '5.1', buildHash: '0', arch: 'x64', classId: 'test', encoders: ['libx264'] };
  const toolchain = Toolchain.parse({ ...build, buildHash: '0'.repeat(64) });

  test('a build without the filter is refused before work starts, an unknown one is not', () => {
    const manifest = plan(indexOf(steadyPts(300), 30), { settings });
    expect(() => assertFilters(manifest, { ...toolchain, filters: ['zscale'] })).toThrow(
      expect.objectContaining({ code: 'FILTER_MISSING', message: expect.stringContaining('drawtext') }),
    );
    for (const filters of [['drawtext'], undefined]) assertFilters(manifest, { ...toolchain, filters });
    assertFilters(plan(indexOf(steadyPts(300), 30)), { ...toolchain, filters: [] });
    const requires = { toolchainClass: 'test', encoders: ['libx264'], filters: ['drawtext'] };
    const node = { toolchain: { ...toolchain, filters: [] }, proofs: null };
    expect(whyNotOn(node, requires)).toBe('Its FFmpeg lacks the filter drawtext.');
    expect(whyNotOn({ toolchain, proofs: null }, requires)).toBeNull();
  });

  test('a picture too small for letters is refused; the archive never gets any', () => {
    const tiny = { ...plainInfo, video: { ...plainInfo.video, width: 64, height: 36 } };
    const index = indexOf(steadyPts(300), 30);
    expect(() => plan(index, { settings }, tiny)).toThrow(expect.objectContaining({ code: 'PRESET_UNSUITABLE' }));
    expect(plan(index, { preset: 'ffv1-archive' }).video.burnIn).toBeUndefined();
  });
});
