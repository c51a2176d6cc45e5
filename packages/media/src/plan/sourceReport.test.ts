import { type Preset, SourceReport } from '@reelmill/protocol';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';
import { indexOf, plainIdentity, plainInfo, steadyPts } from '../testing/plannedFrames.ts';
import { headerIndex } from './headerIndex.ts';
import { planRendition } from './planRendition.ts';
import { sourceReport } from './sourceReport.ts';

let presets: Preset[] = [];
beforeAll(async () => {
  presets = await loadTimedPresets();
});

interface Change {
  readonly info?: MediaInfo;
  readonly presetId?: string;
  readonly chunkSeconds?: number | null;
}

function manifestOf(index: SourceIndex, { info = plainInfo, presetId = 'h264-720p', chunkSeconds = 2 }: Change) {
  const preset = findPreset(presets, presetId);
  const common = { threads: null, toolchainClass: 'class-a', verify: 'seams', settings: {} } as const;
  return planRendition({ info, index, identity: plainIdentity, preset, chunkSeconds, ...common });
}

const facts = (change: Change) => ({
  path: plainIdentity.path,
  preset: findPreset(presets, change.presetId ?? 'h264-720p').id,
  toolchainClass: 'class-a',
  info: change.info ?? plainInfo,
});

const final = (index: SourceIndex, change: Change = {}): SourceReport =>
  sourceReport({ ...facts(change), index, manifest: manifestOf(index, change) });

function first(change: Change = {}): SourceReport {
  const promised = headerIndex(change.info ?? plainInfo);
  const manifest = promised === null ? null : manifestOf(promised, change);
  return sourceReport({ ...facts(change), index: null, manifest });
}

const withVideo = (video: Partial<MediaInfo['video']>): MediaInfo => ({
  ...plainInfo,
  video: { ...plainInfo.video, ...video },
});

describe('the final answer', () => {
  test('a film that can be cut: chunks with their lengths, exact frames, cost and size', () => {
    const report = final(indexOf(steadyPts(300), 30));
    expect(SourceReport.parse(report)).toEqual(report);
    expect(report.decision).toMatchObject({ kind: 'chunked', isFinal: true });
    expect(report.decision).toMatchObject({
      chunks: { count: 5, targetSeconds: 2, shortestSeconds: 2, longestSeconds: 2 },
    });
    expect(report.output).toMatchObject({ frames: 300, frameEvidence: 'packets', size: { width: 1280, height: 720 } });
    expect(report.output?.predictedCpuSeconds).toBeGreaterThan(0);
    expect(report.output?.estimatedBytes).toBeGreaterThan(0);
    expect(report.requires).toEqual({
      toolchainClass: 'class-a',
      encoders: ['libx264'],
      memoryBytes: expect.any(Number),
    });
  });

  test('a film that cannot be cut says why in a sentence', () => {
    const damaged = final({ ...indexOf(steadyPts(300), 30), doubt: 'the clock of the file jumps back' });
    expect(damaged.decision).toEqual({ kind: 'whole', isFinal: true, reason: 'The clock of the file jumps back.' });
  });

  test('frames that were counted by decoding are called so', () => {
    const report = final({ ...indexOf(steadyPts(300), 30), evidence: 'decoded' });
    expect(report.output?.frameEvidence).toBe('decoded');
  });

  test.each([
    ['constant', steadyPts(100), false],
    ['off by the rounding of a clock', steadyPts(100).map((pts, at) => pts + (at % 2)), false],
    ['with a gap', [...steadyPts(50), ...steadyPts(50, 51 * 512)], true],
  ] as const)('frame rate %s', (_, pts, variable) => {
    expect(final(indexOf(pts, 30)).source.video?.variableFrameRate).toBe(variable);
  });

  test.each([
    ['progressive', { fieldOrder: 'progressive' }, { interlaced: false }],
    ['interlaced', { fieldOrder: 'tt' }, { interlaced: true }],
    ['untold', { fieldOrder: null }, { interlaced: null }],
    ['HDR10', { colorTransfer: 'smpte2084' }, { hdr: 'PQ' }],
    ['HLG', { colorTransfer: 'arib-std-b67' }, { hdr: 'HLG' }],
    ['SDR', { colorTransfer: 'bt709' }, { hdr: null }],
    ['turned', { rotationClockwise: 90 }, { rotationClockwise: 90, shown: { width: 720, height: 1280 } }],
    ['wide pixels', { sampleAspectRatio: { num: 4, den: 3 } }, { shown: { width: 1707, height: 720 } }],
  ] as const)('the picture: %s', (_, video, shown) => {
    expect(final(indexOf(steadyPts(100), 30), { info: withVideo(video) }).source.video).toMatchObject(shown);
  });
});

describe('what becomes of each track', () => {
  const track = (index: number, isDefault: boolean): MediaInfo['audioTracks'][number] => ({
    ...{
      index,
      codec: 'ac3',
      sampleFormat: 'fltp',
      bitsPerRawSample: null,
      sampleRate: 48_000,
      channels: 6,
      isDefault,
    },
    ...{ timeBase: null, startSeconds: 0, durationSeconds: 10, channelLayout: '5.1(side)', hasSamples: true },
    labels: { language: 'eng', title: null, dispositions: [] },
  });
  const info: MediaInfo = { ...plainInfo, audioTracks: [track(1, false), track(2, true)] };

  test('is what the plan says, with the encoders that takes', () => {
    const index = indexOf(steadyPts(300), 30);
    const { fates, source, requires } = final(index, { info });
    expect(fates).toEqual(manifestOf(index, { info }).fates);
    expect(fates.map(({ kind, fate, stream }) => `${kind} ${stream} ${fate}`)).toEqual([
      'video 0 converted',
      'audio 1 converted',
      'audio 2 converted',
    ]);
    expect(source.audioTracks).toBe(2);
    expect(requires.encoders).toEqual(['libx264', 'aac']);
  });

  test('a lossless picture is kept', () => {
    const [video] = final(indexOf(steadyPts(300), 30), { info, presetId: 'ffv1-archive' }).fates;
    expect(video).toMatchObject({ kind: 'video', fate: 'kept' });
  });

  test('the header forecasts the same', () => {
    expect(first({ info }).fates).toEqual(final(indexOf(steadyPts(300), 30), { info }).fates);
  });

  test('thousands of tracks make a list of bounded length', () => {
    const many = { ...plainInfo, audioTracks: Array.from({ length: 5000 }, (_, at) => track(at + 1, at === 0)) };
    const { fates } = final(indexOf(steadyPts(300), 30), { info: many });
    expect(fates).toHaveLength(101);
    expect(fates.at(-1)?.label).toBe('4901 further tracks');
  });
});

describe('the first answer, from the header', () => {
  test('forecasts chunks and frames, and is not final', () => {
    const report = first();
    expect(report.stage).toBe('header');
    expect(report.decision).toMatchObject({ kind: 'chunked', isFinal: false, chunks: { count: 5 } });
    expect(report.output).toMatchObject({ frames: 300, frameEvidence: 'header' });
    expect(report.source.video?.variableFrameRate).toBeNull();
  });

  test('a container whose seeking is not proven goes whole whatever the index says', () => {
    const { decision } = first({ info: { ...plainInfo, demuxer: 'avi' } });
    expect(decision).toMatchObject({ kind: 'whole', isFinal: true });
    expect(decision.reason).toContain('AVI');
  });

  test('an interlaced film goes whole unless the index clears it', () => {
    const { decision } = first({ info: withVideo({ fieldOrder: 'tt' }) });
    expect(decision).toMatchObject({ kind: 'whole', isFinal: false });
  });

  test.each([
    ['no length', { durationSeconds: null }],
    ['no rate', { averageFrameRate: null }],
    ['an absurd length', { durationSeconds: 1e9 }],
    ['more frames than ticks', { headerFrames: 1_900_000 }],
  ])('a header with %s leaves it open', (_, video) => {
    const report = first({ info: { ...withVideo(video), durationSeconds: null } });
    expect(report.decision.kind).toBe('open');
    expect(report.output).toBeNull();
    expect(SourceReport.parse(report)).toEqual(report);
  });
});

test('for every header and index a report fits its schema and agrees with its plan', () => {
  const anyCase = fc.record({
    frames: fc.integer({ min: 1, max: 600 }),
    keyframeEvery: fc.integer({ min: 1, max: 100 }),
    chunkSeconds: fc.oneof(fc.constant(null), fc.double({ min: 0.05, max: 20, noNaN: true })),
    demuxer: fc.constantFrom('mov', 'matroska', 'mpegts', 'avi', 'mpegvideo'),
    fieldOrder: fc.constantFrom(null, 'progressive', 'tt'),
    presetId: fc.constantFrom('h264-720p', 'ffv1-archive', 'prores-proxy'),
  });
  fc.assert(
    fc.property(anyCase, ({ frames, keyframeEvery, chunkSeconds, demuxer, fieldOrder, presetId }) => {
      const info = { ...withVideo({ fieldOrder }), demuxer };
      const index = indexOf(steadyPts(frames), keyframeEvery);
      const change = { info, presetId, chunkSeconds };
      const manifest = manifestOf(index, change);
      const report = final(index, change);
      expect(SourceReport.parse(report)).toEqual(report);
      expect(SourceReport.safeParse(first(change)).success).toBe(true);
      expect(report.decision.kind).toBe(manifest.plan);
      if (report.decision.kind === 'chunked') expect(report.decision.chunks.count).toBe(manifest.chunks.length);
      expect(report.output?.frames).toBe(frames);
    }),
    { numRuns: 300 },
  );
});
