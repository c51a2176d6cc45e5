import type { Preset } from '@reelmill/protocol';
import { beforeAll, expect, test } from 'vitest';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import type { VideoTrack } from '../probe/mediaInfo.ts';
import { plainInfo } from '../testing/plannedFrames.ts';
import { resolveVideo } from './resolveVideo.ts';

let presets: Preset[] = [];
beforeAll(async () => {
  presets = await loadTimedPresets();
});
const resolve = (track: Partial<VideoTrack>, presetId = 'h264-720p') => {
  const { video } = findPreset(presets, presetId);
  if (video === null) throw new Error('no picture');
  return resolveVideo({ ...plainInfo, video: { ...plainInfo.video, ...track } }, video, 1);
};

test('a picture that already fits is not touched', () => {
  expect(resolve({}).video).toMatchObject({ width: 1280, height: 720, filters: [], pixelFormat: 'yuv420p' });
});

test.each([
  ['1080p', { width: 1920, height: 1080 }, '1280x720'],
  ['a smaller one is never enlarged', { width: 320, height: 240 }, '320x240'],
  ['portrait swaps the box', { width: 1080, height: 1440 }, '720x960'],
  ['turned by a tag', { width: 1920, height: 1080, rotationClockwise: 90 }, '720x1280'],
  ['wide pixels', { width: 720, height: 576, sampleAspectRatio: { num: 59, den: 54 } }, '786x576'],
  ['odd sizes', { width: 161, height: 121 }, '160x120'],
  ['one pixel', { width: 1, height: 1 }, '2x2'],
  ['wider than the box', { width: 3026, height: 1386 }, '1280x586'],
] as const)('size: %s', (_, track, wanted) => {
  const { video } = resolve(track);
  expect(`${video.width}x${video.height}`).toBe(wanted);
  expect(video.sampleAspectRatio).toEqual({ num: 1, den: 1 });
});

test('16:9 in the 480p class is 854 by 480', () => {
  expect(resolve({}, 'h264-480p').video).toMatchObject({ width: 854, height: 480 });
});

test('the scaler is pinned to bits that do not depend on the CPU', () => {
  const [scale] = resolve({ width: 1920, height: 1080 }).video.filters;
  expect(scale).toContain('flags=bicubic+accurate_rnd+bitexact+full_chroma_int');
});

test('full range stays full range', () => {
  const { video } = resolve({ pixelFormat: 'yuvj420p', colorRange: 'pc' });
  expect(video.filters[0]).toContain('in_range=pc:out_range=pc');
  expect(video.colorArgs).toEqual(expect.arrayContaining(['-color_range', 'pc']));
});

test('HDR keeps its tags and is reported', () => {
  const { video, warnings } = resolve({
    pixelFormat: 'yuv420p10le',
    colorSpace: 'bt2020nc',
    colorPrimaries: 'bt2020',
    colorTransfer: 'arib-std-b67',
  });
  expect(video.pixelFormat).toBe('yuv420p');
  expect(video.colorArgs.join(' ')).toBe(
    '-color_range tv -colorspace bt2020nc -color_primaries bt2020 -color_trc arib-std-b67',
  );
  expect(warnings[0]).toMatch(/^HDR_NOT_TONE_MAPPED/);
});

test('interlaced pictures stay marked and are reported', () => {
  const { video, warnings } = resolve({ width: 1920, height: 1080, fieldOrder: 'tt' });
  expect(video.encoderArgs).toContain('+ilme+ildct');
  expect(video.filters[0]).toContain('interl=1');
  expect(warnings[0]).toMatch(/^INTERLACED/);
});

test('the archive keeps coded pixels, pixel aspect and rotation as a tag', () => {
  const track = { width: 1080, height: 608, rotationClockwise: 90, sampleAspectRatio: { num: 4, den: 3 } };
  const { video } = resolve({ ...track, pixelFormat: 'yuv422p10le' }, 'ffv1-archive');
  expect(video).toMatchObject({ filters: [], pixelFormat: 'yuv422p10le', width: 1080, height: 608 });
  expect(video).toMatchObject({ applyRotation: false, rotationTag: 90, sampleAspectRatio: { num: 4, den: 3 } });
});

test('a 1 by 1 picture is not written in FFV1 version 3, which FFmpeg 5 garbles', () => {
  const { video } = resolve({ width: 1, height: 1, pixelFormat: 'yuv444p' }, 'ffv1-archive');
  expect(video.encoderArgs.join(' ')).toContain('-level 1');
});
