import type { Preset } from '@reelmill/protocol';
import { beforeAll, expect, test } from 'vitest';
import type { EncodeSpec } from '../manifest.ts';
import { manifestTasks } from '../plan/manifestTasks.ts';
import { planRendition } from '../plan/planRendition.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import { indexOf, plainIdentity, plainInfo, steadyPts } from '../testing/plannedFrames.ts';
import { encodeArgs, filterGraph } from './encodeArgs.ts';
import { encodeLogParser } from './encodeLog.ts';

let presets: Preset[] = [];
beforeAll(async () => {
  presets = await loadTimedPresets();
});

function specs(presetId: string, settings = {}, toolchainClass = 'test'): EncodeSpec[] {
  const manifest = planRendition({
    info: plainInfo,
    index: indexOf(steadyPts(300), 30),
    identity: plainIdentity,
    preset: findPreset(presets, presetId),
    settings,
    chunkSeconds: 2,
    threads: null,
    toolchainClass,
    verify: 'seams',
  });
  return manifestTasks(manifest).encode.map(({ spec }) => spec);
}

test('the command line of a middle chunk', () => {
  const spec = specs('h264-720p')[2];
  if (!spec) throw new Error('no third chunk');
  expect(encodeArgs(spec, '/in.mp4', '/out.mp4').join(' ')).toBe(
    '-loglevel level+verbose -benchmark -filter_threads 1 -threads 1 -ss 2.000500 -noaccurate_seek -copyts ' +
      '-protocol_whitelist file -format_whitelist mov -max_streams 256 -max_pixels 67108864 ' +
      '-f mov -i file:/in.mp4 -map 0:0 -an -sn -dn -map_metadata -1 ' +
      '-map_chapters -1 -vf split=2[cut][before];[before]trim=start_pts=59904:end_pts=61184,showinfo@before,nullsink;' +
      '[cut]trim=start_pts=61184:end_pts=91904,split=2[main][last];[last]trim=start_pts=90624,showinfo@last,nullsink;' +
      '[main]setpts=PTS-STARTPTS -fps_mode passthrough -enc_time_base 1/15360 -c:v libx264 -threads 1 -preset medium ' +
      '-profile:v high -crf 20 -g 250 -pix_fmt yuv420p -color_range tv -colorspace bt709 -color_primaries bt709 ' +
      '-color_trc bt709 -fflags +bitexact -flags +bitexact -video_track_timescale 15360 -f mp4 -y file:/out.mp4',
  );
});

test('chunk 0 neither seeks nor trims its start; the last one does not trim its end', () => {
  const all = specs('h264-720p');
  expect(encodeArgs(all[0] as EncodeSpec, 'a', 'b')).not.toContain('-ss');
  expect(filterGraph(all[0] as EncodeSpec)).toMatch(/^trim=end_pts=\d+,split/);
  expect(filterGraph(all.at(-1) as EncodeSpec)).toMatch(/\[cut\]trim=start_pts=\d+,split/);
});

test('the archive does not turn the picture, and its chunks are Matroska', () => {
  const args = encodeArgs(specs('ffv1-archive')[1] as EncodeSpec, 'a', 'b');
  expect(args).toContain('-noautorotate');
  expect(args.join(' ')).toContain('-f matroska');
});

test('a chunk of hardware opens its device first, uploads last, and keeps the rate of the film', () => {
  const [, spec] = specs('h264-720p', { encoder: 'hardware' }, 'test+h264_vaapi.constant-quality');
  const args = encodeArgs(spec as EncodeSpec, '/in.mp4', '/out.mp4');
  expect(args.indexOf('-init_hw_device')).toBeLessThan(args.indexOf('-i'));
  expect(filterGraph(spec as EncodeSpec)).toMatch(/\[main\]scale=[^[]*format=nv12,hwupload$/);
  expect(filterGraph(spec as EncodeSpec)).not.toContain('setpts');
  expect(args).not.toContain('-pix_fmt');
  expect(args.join(' ')).toContain('-c:v h264_vaapi -threads 1 -profile:v high -rc_mode CQP -qp 20 -g 250 -bf 0');
  expect(args.join(' ')).toContain('-avoid_negative_ts make_zero');
});

test('the log of FFmpeg 5.1 gives edge checksums, errors, hidden scalers and CPU time', () => {
  const parser = encodeLogParser();
  const lines = [
    '[showinfo@before @ 0x55afefc0b740] [info] config in time_base: 1/15360, frame_rate: 30/1',
    '[showinfo@before @ 0x55afefc0b740] [info] n:   0 pts:  30208 pts_time:1.96667 pos:   167126 fmt:yuv420p sar:1/1 s:640x360 i:P iskey:0 type:P checksum:DC97698E plane_checksum:[16E8BB5F 3A06D36C 7026DAA5] mean:[125 127 125] stdev:[56.4 79.2 82.3]',
    '[showinfo@before @ 0x55afefc0b740] [info] color_range:unknown color_space:unknown',
    '[showinfo@last @ 0x55afefc0f380] [info] n:   0 pts:    -20 pts_time:-0.1 pos: 1 fmt:yuv420p sar:1/1 s:640x360 i:P iskey:0 type:P checksum:0F4B1F4B plane_checksum:[0CCC6559]',
    '[h264 @ 0x55afef819180] [error] Missing reference picture, default is 0',
    '[auto_scale_0 @ 0x55afefc11000] [verbose] w:640 h:360 fmt:yuv420p sar:1/1 -> w:640 h:360 fmt:yuv422p sar:1/1 flags:0x0',
    '[info] bench: utime=0.160s stime=0.025s rtime=0.196s',
  ];
  for (const line of lines) parser.add(line);
  expect(parser.log.before).toEqual([{ pts: 30_208, checksum: 'DC97698E' }]);
  expect(parser.log.last).toEqual([{ pts: -20, checksum: '0F4B1F4B' }]);
  expect(parser.log.errorLines).toBe(1);
  expect(parser.log.autoScaler).toContain('auto_scale_0');
  expect(parser.log.cpuSeconds).toBeCloseTo(0.185, 6);
});

test('words of another thread in the middle of an edge frame lose no checksum (FFmpeg 9)', () => {
  const parser = encodeLogParser();
  const lines = [
    '[graph -1 input from stream 0:0 @ 0x7fcb] [verbose] w:320 h:180 pixfmt:yuv420p tb:1/1000 fr:30/1 sar:1/1',
    '[showinfo@last @ 0x7fcb5c] [info] n:   0 pts:   5582 pts_time:5.582 s:320x180 i:P iskey:0 type:B Decoder returned EOF, finishing',
    '[showinfo@last @ 0x7fcb5c] [info] checksum:45CBB424 plane_checksum:[4E7CEE02 98948DA3 78BB3870] mean:[119 130 128]',
    '[showinfo@last @ 0x7fcb5c] [info] color_range:tv color_space:unknown',
    '[showinfo@last @ 0x7fcb5c] [info] n:   1 pts:   5623 pts_time:5.623 s:320x180 type:B checksum:EA5BAFF9 plane_checksum:[98BD]',
  ];
  for (const line of lines) parser.add(line);
  expect(parser.log.last).toEqual([
    { pts: 5582, checksum: '45CBB424' },
    { pts: 5623, checksum: 'EA5BAFF9' },
  ]);
  expect(parser.log.sizes).toEqual(['320 by 180']);
});
