import type { Preset } from '@reelmill/protocol';
import { beforeAll, expect, test } from 'vitest';
import type { EncodeSpec } from '../manifest.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import { indexOf, plainIdentity, plainInfo, steadyPts } from '../testing/plannedFrames.ts';
import { estimateMemoryBytes } from './estimateMemory.ts';
import { manifestTasks } from './manifestTasks.ts';
import { pictureBytes } from './pictureBytes.ts';
import { planRendition } from './planRendition.ts';

let presets: Preset[] = [];
beforeAll(async () => {
  presets = await loadTimedPresets();
});

const sized = (width: number, height: number, codec = 'h264') => ({ ...plainInfo.video, width, height, codec });

function specOf(preset: string, picture = sized(1920, 1080), settings: Record<string, string> = {}): EncodeSpec {
  const plan = planRendition({
    ...{ info: { ...plainInfo, video: picture }, index: indexOf(steadyPts(300), 30), identity: plainIdentity },
    ...{ preset: findPreset(presets, preset) as Preset, settings, chunkSeconds: 5, threads: 1 },
    ...{ toolchainClass: 'test', verify: 'seams' },
  });
  const [first] = manifestTasks(plan).encode;
  if (first === undefined) throw new Error('no chunk');
  return first.spec;
}

const estimate = (preset: string, picture = sized(1920, 1080), settings: Record<string, string> = {}): number =>
  estimateMemoryBytes(specOf(preset, picture, settings), picture);

test('what was measured with single encoders lies below the estimates', () => {
  const mebibytes = (bytes: number) => bytes / 1024 ** 2;
  // peak resident memory of FFmpeg 5.1 that encodes a generated picture, which needs no decoder
  expect(mebibytes(estimate('h264-1080p'))).toBeGreaterThan(404);
  expect(mebibytes(estimate('ffv1-archive'))).toBeGreaterThan(372);
  expect(mebibytes(estimate('hevc-2160p', sized(1280, 720)))).toBeGreaterThan(386);
  expect(mebibytes(estimate('av1-1080p', sized(1280, 720), { speed: '8' }))).toBeGreaterThan(318);
  expect(mebibytes(estimate('hevc-2160p', sized(3840, 2160), { speed: 'ultrafast' }))).toBeGreaterThan(1445);
});

test('larger pictures, slower speeds, more threads and other codecs of the source need more', () => {
  expect(estimate('h264-1080p', sized(3840, 2160))).toBeGreaterThan(estimate('h264-1080p'));
  expect(estimate('h264-1080p', sized(1280, 720))).toBeLessThan(estimate('h264-1080p'));
  expect(estimate('h264-1080p', sized(1920, 1080), { speed: 'ultrafast' })).toBeLessThan(estimate('h264-1080p'));
  expect(estimate('h264-1080p', sized(1920, 1080, 'prores'))).toBeLessThan(estimate('h264-1080p'));
  const spec = specOf('h264-1080p');
  const threaded = { ...spec, video: { ...spec.video, threads: 4 } };
  expect(estimateMemoryBytes(threaded, sized(1920, 1080))).toBeGreaterThan(estimate('h264-1080p'));
});

test('renditions that share their decode need one decoder and all encoders', () => {
  const parts = [specOf('h264-1080p'), specOf('h264-480p')];
  const picture = sized(1920, 1080);
  const together = estimateMemoryBytes({ kind: 'shared-encode', parts }, picture);
  const alone = parts.map((spec) => estimateMemoryBytes(spec, picture));
  expect(together).toBeGreaterThan(Math.max(...alone));
  expect(together).toBeLessThan(alone.reduce((sum, bytes) => sum + bytes, 0));
});

test.each([
  ['yuv420p', 1.5],
  ['yuv420p10le', 3],
  ['yuvj422p', 2],
  ['yuv422p10le', 4],
  ['yuv444p', 3],
  ['yuva444p10le', 8],
  ['gray', 1],
  ['rgb24', 3],
  ['rgb48le', 6],
  ['gbrp10le', 6],
  ['p010le', 3],
  ['nv12', 1.5],
])('a pixel of %s takes %s bytes', (pixelFormat, bytes) => {
  expect(pictureBytes({ width: 10, height: 10, pixelFormat })).toBe(100 * bytes);
});
