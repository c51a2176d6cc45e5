import { type FarmError, type Preset, parseByteSize } from '@reelmill/protocol';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import { indexOf, plainIdentity, plainInfo, steadyPts } from '../testing/plannedFrames.ts';
import { planRendition } from './planRendition.ts';

let presets: Preset[] = [];
beforeAll(async () => {
  presets = await loadTimedPresets();
});

function plan(size: string, { presetId = 'h264-25mb', frames = 9000 }: { presetId?: string; frames?: number } = {}) {
  return planRendition({
    ...{ info: plainInfo, index: indexOf(steadyPts(frames), 30), identity: plainIdentity },
    preset: findPreset(presets, presetId),
    settings: { size },
    ...{ chunkSeconds: 2, threads: null, toolchainClass: 'test', verify: 'seams' },
  });
}

test('the film goes whole to one node, and the advisor says why', () => {
  const manifest = plan('25MB');
  expect(manifest).toMatchObject({ plan: 'whole', video: { passes: 2 } });
  expect(manifest.wholeReason).toBe(
    'One rate control must see the whole film, in two passes, to meet the size of 25 MB.',
  );
  expect(manifest.chunks).toHaveLength(1);
  expect(manifest.estimatedOutputBytes).toBeGreaterThan(22.5e6);
  expect(manifest.estimatedOutputBytes).toBeLessThan(27e6);
  expect(manifest.estimatedScratchBytes).toBeGreaterThan(manifest.estimatedOutputBytes + 9000 * 7200);
});

test.each(['h264-720p', 'hevc-2160p', '720p', 'webm_720p', 'av1-1080p'])(
  '%s takes a size instead of its own rate',
  (presetId) => {
    const { video } = plan('40 MB', { presetId });
    expect(video.encoderArgs.join(' ')).toMatch(/-b:v 10\d{5}\b/);
    expect(video.encoderArgs.join(' ')).not.toMatch(/-crf|-maxrate/);
  },
);

test('presets without such an encoder refuse it', () => {
  expect(() => plan('25MB', { presetId: 'prores-proxy' })).toThrow(/does not take size=25MB/);
  expect(() => plan('much')).toThrow(expect.objectContaining({ code: 'PRESET_INVALID' }));
});

test('libvpx counts ticks: a film whose frames last differently is refused, at a constant rate it is taken', () => {
  const uneven = { ...indexOf(steadyPts(900), 30), pts: steadyPts(900).map((pts, at) => pts + (at % 3)) };
  const order = {
    ...{ info: plainInfo, index: uneven, identity: plainIdentity, preset: findPreset(presets, 'webm_720p') },
    ...{ chunkSeconds: 2, threads: null, toolchainClass: 'test', verify: 'seams' as const },
  };
  const refused = expect.objectContaining({ code: 'PRESET_UNSUITABLE' });
  expect(() => planRendition({ ...order, settings: { size: '5MB' } })).toThrow(refused);
  expect(planRendition({ ...order, settings: { size: '5MB', fps: '25' } }).video.passes).toBe(2);
});

test('too small a size is refused with the smallest one that makes sense, and that one is taken', () => {
  const anyFrames = fc.integer({ min: 1, max: 40_000 });
  fc.assert(
    fc.property(anyFrames, fc.constantFrom('h264-25mb', 'hevc-2160p', 'webm_720p'), (frames, presetId) => {
      let smallestBytes = 0;
      try {
        plan('10000', { frames, presetId });
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'PRESET_UNSUITABLE' });
        smallestBytes = Number((thrown as FarmError).toData().details.smallestBytes);
        expect(smallestBytes).toBeGreaterThan(10_000);
      }
      if (smallestBytes > 0) expect(plan(String(smallestBytes), { frames, presetId }).video.passes).toBe(2);
    }),
    { numRuns: 20 },
  );
});

test.each([
  ['25MB', 25_000_000],
  ['1.5 GB', 1_500_000_000],
  ['700MiB', 734_003_200],
  ['800k', 800_000],
  ['500000', 500_000],
  ['', null],
  ['-5MB', null],
  ['5 parsecs', null],
])('size %s', (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});
