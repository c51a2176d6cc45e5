import { expect, test } from 'vitest';
import type { Manifest } from '../manifest.ts';
import { checkAudioOffset, checkDecodeOrder, checkFrameCount, checkFrameTimes } from './checkPackets.ts';
import type { StreamPackets } from './readPackets.ts';

/** Four frames at 25 fps, then nothing else matters to these checks. */
const manifest = {
  frames: 4,
  durationSeconds: 0.16,
  timeBase: { num: 1, den: 12800 },
  chunks: [{ durationTicks: 2048, deltas: [[512, 3]] }],
  audio: { streamIndex: 1, offsetSeconds: 0.1 },
  moreAudio: [],
  container: 'mp4',
} as unknown as Manifest;

const video = (pts: number[], dts = pts, codecType = 'video'): StreamPackets => ({
  codecType,
  codec: 'h264',
  timeBase: { num: 1, den: 12800 },
  pts,
  dts,
  durations: pts.map(() => 512),
  shown: pts.map(() => true),
});
const exact = video([0, 1024, 512, 1536], [-512, 0, 511, 1535]);

test('the planned frames at their planned times pass with no error', () => {
  checkFrameCount(manifest, exact);
  checkDecodeOrder(exact);
  expect(checkFrameTimes(manifest, exact)).toBe(0);
});

test('one frame short is a wrong frame count', () => {
  expect(() => checkFrameCount(manifest, video([0, 512, 1024]))).toThrow(
    expect.objectContaining({ code: 'FRAME_COUNT' }),
  );
});

test('a frame hidden by an edit list is a wrong frame count', () => {
  const hidden = { ...exact, shown: [false, true, true, true] };
  expect(() => checkFrameCount(manifest, hidden)).toThrow(
    expect.objectContaining({ code: 'FRAME_COUNT', details: { planned: 4, found: 4, hidden: 1 } }),
  );
});

test('a single tick off is a wrong time in mp4 and inside the rounding of Matroska', () => {
  const late = video([0, 512, 1025, 1536]);
  expect(() => checkFrameTimes(manifest, late)).toThrow(expect.objectContaining({ code: 'TIMESTAMPS_WRONG' }));
  expect(checkFrameTimes({ ...manifest, container: 'mkv' }, late)).toBeCloseTo(1 / 12800, 9);
  const tooLate = video([0, 512, 1024 + 7, 1536]);
  expect(() => checkFrameTimes({ ...manifest, container: 'mkv' }, tooLate)).toThrow('0.547 ms');
});

test('equal decode times are refused', () => {
  expect(() => checkDecodeOrder(video([0, 512, 1024], [0, 0, 512]))).toThrow(
    expect.objectContaining({ code: 'TIMESTAMPS_WRONG' }),
  );
});

test('a frame shown before it is decoded is refused', () => {
  expect(() => checkDecodeOrder(video([0, 512], [0, 513]))).toThrow(
    expect.objectContaining({ code: 'TIMESTAMPS_WRONG' }),
  );
});

test('sound within one frame of its offset passes, beyond it fails', () => {
  const sound = (ticks: number) => [exact, video([ticks], [ticks], 'audio')];
  expect(checkAudioOffset(manifest, sound(1280))).toBeCloseTo(0, 9);
  expect(checkAudioOffset(manifest, sound(1280 + 500))).toBeCloseTo(500 / 12800, 6);
  expect(() => checkAudioOffset(manifest, sound(1280 + 520))).toThrow(expect.objectContaining({ code: 'AV_OFFSET' }));
});

test('sound that is missing, or not planned, fails', () => {
  expect(() => checkAudioOffset(manifest, [exact])).toThrow(expect.objectContaining({ code: 'VERIFY_FAILED' }));
  const silent = { ...manifest, audio: null };
  expect(checkAudioOffset(silent, [exact])).toBeNull();
  expect(() => checkAudioOffset(silent, [exact, video([0], [0], 'audio')])).toThrow(
    expect.objectContaining({ code: 'VERIFY_FAILED' }),
  );
});
