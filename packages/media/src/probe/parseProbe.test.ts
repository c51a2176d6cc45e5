import { expect, test } from 'vitest';
import { parseProbe, warmProbe } from './parseProbe.ts';

const file = { demuxer: 'mov', sizeBytes: 100 };
const video = (index: number, change: object = {}) => ({
  index,
  codec_type: 'video',
  codec_name: 'h264',
  pix_fmt: 'yuv420p',
  width: 320,
  height: 180,
  time_base: '1/12800',
  disposition: { default: 0 },
  ...change,
});
const chosen = (...streams: object[]) => parseProbe({ streams, format: {} }, file).video.index;

test('the default track, else the first; of several default ones the largest; never a cover', () => {
  expect(chosen(video(0), video(1, { disposition: { default: 1 } }))).toBe(1);
  expect(chosen(video(2), video(3))).toBe(2);
  const wide = { width: 480, height: 270, disposition: { default: 1 } };
  expect(chosen(video(0, { disposition: { default: 1 } }), video(3, wide))).toBe(3);
  expect(chosen(video(0, { disposition: { attached_pic: 1, default: 1 } }), video(1))).toBe(1);
});

test('a cover alone is no video', () => {
  const cover = video(0, { disposition: { attached_pic: 1 } });
  expect(() => parseProbe({ streams: [cover] }, file)).toThrow(expect.objectContaining({ code: 'NO_VIDEO' }));
});

test.each([
  [90, 270],
  [-90, 90],
  [180, 180],
  [-180, 180],
  [0, 0],
  [12, 0],
])('FFprobe rotation %i is %i degrees clockwise', (rotation, clockwise) => {
  const turned = video(0, { side_data_list: [{ side_data_type: 'Display Matrix', rotation }] });
  expect(parseProbe({ streams: [turned] }, file).video.rotationClockwise).toBe(clockwise);
});

test('unknown facts are null, not text', () => {
  const info = parseProbe(
    { streams: [video(0, { field_order: 'unknown', color_space: 'unknown', avg_frame_rate: '0/0' })] },
    file,
  );
  expect(info.video).toMatchObject({ fieldOrder: null, colorSpace: null, averageFrameRate: null });
  expect(info.video.sampleAspectRatio).toEqual({ num: 1, den: 1 });
});

test('made-up headers are read without complaint', () => {
  expect(warmProbe).not.toThrow();
});
