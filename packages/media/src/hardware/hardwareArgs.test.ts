import { FarmError, type RateControl } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { type HardwareSettings, hardwareArgs } from './hardwareArgs.ts';
import { hardwareEncoderNamed, hardwareEncodersOf } from './hardwareEncoders.ts';
import { proofReason } from './proofReason.ts';

const quality: RateControl = { mode: 'constant-quality', crf: 20 };
const capped: RateControl = { mode: 'capped-quality', crf: 20, maxBitrate: 8_000_000, bufferBits: 16_000_000 };
const steady: RateControl = { mode: 'bitrate', bitrate: 2_000_000, maxBitrate: 2_000_000, bufferBits: 2_000_000 };
const peaks: RateControl = { mode: 'bitrate', bitrate: 2_000_000, maxBitrate: 3_000_000, bufferBits: 4_000_000 };

function args(name: string, rate: RateControl, change: Partial<HardwareSettings> = {}) {
  const encoder = hardwareEncoderNamed(name);
  if (!encoder) throw new Error(`no ${name}`);
  return hardwareArgs(encoder, { speed: 'medium', rate, bitDepth: 8, keyframeIntervalFrames: 250, ...change });
}
const line = (...input: Parameters<typeof args>) => args(...input)?.encoderArgs.join(' ');
const tail = '-g 250 -bf 0';
const caps = '-maxrate 8000000 -bufsize 16000000';

test.each([
  ['h264_nvenc', quality, `-preset p4 -tune hq -profile:v high -rc vbr -cq 20 -b:v 0 ${tail}`],
  ['h264_nvenc', capped, `-preset p4 -tune hq -profile:v high -rc vbr -cq 20 -b:v 0 ${caps} ${tail}`],
  [
    'h264_nvenc',
    steady,
    `-preset p4 -tune hq -profile:v high -rc cbr -b:v 2000000 -maxrate 2000000 -bufsize 2000000 ${tail}`,
  ],
  ['hevc_qsv', quality, `-preset medium -profile:v main -tag:v hvc1 -global_quality 20 -b:v 0 ${tail}`],
  ['h264_qsv', capped, `-preset medium -profile:v high -global_quality 20 -b:v 6000000 ${caps} ${tail}`],
  ['h264_vaapi', quality, `-profile:v high -rc_mode CQP -qp 20 ${tail}`],
  ['h264_vaapi', capped, `-profile:v high -rc_mode QVBR -global_quality 20 -b:v 8000000 ${caps} ${tail}`],
  ['h264_vaapi', peaks, `-profile:v high -rc_mode VBR -b:v 2000000 -maxrate 3000000 -bufsize 4000000 ${tail}`],
  ['h264_videotoolbox', quality, `-allow_sw 0 -profile:v high -q:v 65 ${tail}`],
  ['h264_amf', quality, `-usage transcoding -quality quality -profile:v high -rc cqp -qp_i 20 -qp_p 20 ${tail}`],
])('%s %o', (name, rate, wanted) => {
  expect(line(name, rate)).toBe(wanted);
});

test('a quality beyond the scale stays on it, and best is not "automatic"', () => {
  expect(line('h264_nvenc', { mode: 'constant-quality', crf: 0 })).toContain('-cq 1 ');
  expect(line('h264_videotoolbox', { mode: 'constant-quality', crf: 51 })).toContain('-q:v 3 ');
});

test('what a family does not have is not offered', () => {
  expect(args('h264_amf', capped)).toBeNull();
  expect(args('hevc_videotoolbox', capped)).toBeNull();
  expect(args('hevc_amf', quality, { bitDepth: 10 })).toBeNull();
  expect(args('h264_nvenc', quality, { bitDepth: 10 })).toBeNull();
});

test('ten bits', () => {
  const ten = args('hevc_nvenc', quality, { bitDepth: 10 });
  expect(ten).toMatchObject({ pixelFormat: 'p010le', encoderArgs: expect.arrayContaining(['main10', 'hvc1']) });
});

test('VAAPI and QSV get their pictures uploaded to a device that is opened first', () => {
  expect(args('h264_vaapi', quality)).toMatchObject({
    pixelFormat: 'nv12',
    device: { initArgs: expect.arrayContaining(['vaapi=device']), uploadFilters: ['hwupload'] },
  });
  expect(args('h264_qsv', quality)?.device.initArgs).toContain('qsv=device:hw');
  expect(args('h264_nvenc', quality)?.device).toEqual({ initArgs: [], uploadFilters: [] });
});

test('only what FFmpeg lists and the system may have is tried', () => {
  const listed = ['h264_amf', 'h264_nvenc', 'h264_vaapi', 'h264_videotoolbox', 'libx264'];
  const names = (platform: NodeJS.Platform) => hardwareEncodersOf(listed, platform).map(({ name }) => name);
  expect(names('darwin')).toEqual(['h264_videotoolbox']);
  expect(names('win32')).toEqual(['h264_nvenc', 'h264_amf']);
  expect(names('linux')).toEqual(['h264_nvenc', 'h264_amf', 'h264_vaapi']);
});

test('a reason is the first thing FFmpeg complained of, without its address', () => {
  const reason = (...lines: string[]) =>
    proofReason(new FarmError('ENCODE_FAILED', { details: { log: lines.join('\n') } }));
  expect(
    reason(
      '[Parsed_testsrc2_0 @ 0x564a] [verbose] size:1280x720 rate:25/1',
      '[h264_nvenc @ 0x55d0] [error] Cannot load libcuda.so.1',
      '[error] Error initializing output stream 0:0 -- Error while opening encoder for output stream #0:0',
    ),
  ).toBe('Cannot load libcuda.so.1');
  expect(
    reason(
      '[AVHWDeviceContext @ 0x5648c3352dc0] [verbose] Cannot open DRM render node for device 0.',
      '[error] Device creation failed: -542398533.',
      "[error] Failed to set value 'vaapi=device' for option 'init_hw_device': Generic error in an external library",
    ),
  ).toBe('Cannot open DRM render node for device 0.');
  expect(reason(`[x @ 0x1] [error] ${'x'.repeat(900)}`)).toHaveLength(200);
});
