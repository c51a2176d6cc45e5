// Used by tests only: odd but right sources, made on the spot.
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { flipBits, patchBoxes } from './hostileFiles.ts';

/**
 * What has to become of a source: cut, whole with a reason that contains the words, refused with the code, or failed
 * with the code once it is encoded, nothing published.
 */
export type OddResult = 'cut' | { readonly whole: string } | { readonly refused: string } | { readonly failed: string };

export interface OddSource {
  readonly name: string;
  readonly extension: string;
  readonly result: OddResult;
  /** One pass of FFmpeg each; `IN` stands for the file of the pass before, `SIDE` for a file of plain text. */
  readonly passes: readonly (readonly string[])[];
  /** One more pass, whose bytes are appended. */
  readonly append?: readonly string[];
  /** What FFmpeg conceals depends on the timing of its decoder threads: frames are counted, not compared. */
  readonly isDamaged?: boolean;
  /** What is done to the bytes afterwards. */
  readonly patch?: (bytes: Buffer) => Buffer;
  /** Frames of the source where they are known beforehand. */
  readonly frames?: number;
  /** Size of `h264-720p` where it is not that of the source. */
  readonly shownAs?: readonly [width: number, height: number];
}

const picture = (options = 'size=128x72:rate=25:duration=6') => ['-f', 'lavfi', '-i', `testsrc2=${options}`];
const tone = (seconds = 6) => ['-f', 'lavfi', '-i', `sine=duration=${seconds}`];
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-bf:v', '2', '-pix_fmt', 'yuv420p'];
const coverCodec = ['-c:v:1', 'mjpeg', '-bf:v:1', '0', '-pix_fmt:v:1', 'yuvj420p'];
const plain = [...picture(), ...x264];
const mpeg2 = ['-c:v', 'mpeg2video', '-b:v', '400k'];
const aac = ['-c:a', 'aac', '-b:a', '64k'];
const short = { whole: 'no longer than one chunk' };

/** Turned by the display matrix of the file; FFmpeg writes turns only, mirrors are patched in. */
const turned = (degrees: number) => ['-i', 'IN', '-c', 'copy', '-metadata:s:v:0', `rotate=${degrees}`];

/** The matrix of a track header: `a b c d`, whole numbers (ISO/IEC 14496-12, 8.3.2). */
const matrix =
  (...[a, b, c, d]: readonly [number, number, number, number]) =>
  (bytes: Buffer) => {
    const one = 0x1_0000;
    return patchBoxes(bytes, 'tkhd', { 44: a * one, 48: b * one, 52: 0, 56: c * one, 60: d * one, 64: 0 });
  };

const clocks: readonly OddSource[] = [
  {
    name: 'start at 7.3 s',
    extension: 'mp4',
    result: 'cut',
    frames: 150,
    passes: [[...plain, '-output_ts_offset', '7.3']],
  },
  {
    name: 'start before zero, with sound',
    extension: 'mp4',
    result: 'cut',
    // a player shows nothing of the first 0.4 s
    frames: 140,
    passes: [
      [...picture(), ...tone(), ...x264, ...aac],
      ['-itsoffset', '-0.4', '-i', 'IN', '-c', 'copy', '-avoid_negative_ts', 'disabled'],
    ],
  },
  {
    name: 'start at one hour, Matroska',
    extension: 'mkv',
    result: 'cut',
    frames: 150,
    passes: [[...plain, '-output_ts_offset', '3600']],
  },
  {
    name: 'a 33-bit clock that wraps',
    extension: 'ts',
    result: 'cut',
    frames: 150,
    passes: [[...picture(), ...tone(), ...x264, ...aac, '-output_ts_offset', '95440']],
  },
  {
    name: 'one frame in 1000 s',
    extension: 'mp4',
    result: 'cut',
    frames: 5,
    passes: [[...picture('size=64x36:rate=1/1000:duration=5000'), ...x264]],
  },
  {
    name: 'a million frames a second',
    extension: 'mp4',
    result: { refused: 'MEDIA_LIMIT_EXCEEDED' },
    passes: [[...picture('size=64x36:rate=1000000:duration=0.00005'), ...x264, '-video_track_timescale', '1000000']],
  },
  {
    name: 'a million frames a second, in milliseconds',
    extension: 'mkv',
    result: { refused: 'MEDIA_LIMIT_EXCEEDED' },
    passes: [[...picture('size=64x36:rate=1000000:duration=0.00005'), ...x264]],
  },
];

const pictures: readonly OddSource[] = [
  { name: 'turned by 90', extension: 'mp4', result: 'cut', shownAs: [72, 128], passes: [plain, turned(90)] },
  { name: 'turned by 180', extension: 'mp4', result: 'cut', passes: [plain, turned(180)] },
  { name: 'mirrored', extension: 'mp4', result: 'cut', passes: [plain], patch: matrix(-1, 0, 0, 1) },
  { name: 'upside down by mirror', extension: 'mp4', result: 'cut', passes: [plain], patch: matrix(1, 0, 0, -1) },
  {
    name: 'mirrored and turned',
    extension: 'mp4',
    result: 'cut',
    shownAs: [72, 128],
    passes: [plain],
    patch: matrix(0, 1, 1, 0),
  },
  {
    name: 'pixels of 4:3',
    extension: 'mp4',
    result: 'cut',
    shownAs: [170, 72],
    passes: [[...picture(), '-vf', 'setsar=4/3', ...x264]],
  },
  {
    name: '10 bit',
    extension: 'mp4',
    result: 'cut',
    passes: [[...picture(), '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'yuv420p10le']],
  },
  {
    name: '12 bit HEVC 4:2:2',
    extension: 'mkv',
    result: 'cut',
    passes: [
      [
        ...picture(),
        ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'keyint=50:log-level=none'],
        ...['-pix_fmt', 'yuv422p12le'],
      ],
    ],
  },
  {
    name: 'alpha, ProRes 4444',
    extension: 'mov',
    result: 'cut',
    passes: [[...picture('size=64x36:rate=25:duration=6'), '-c:v', 'prores_ks', '-pix_fmt', 'yuva444p10le']],
  },
  {
    name: 'alpha, QuickTime Animation',
    extension: 'mov',
    result: 'cut',
    passes: [[...picture('size=64x36:rate=25:duration=6'), '-c:v', 'qtrle', '-pix_fmt', 'argb']],
  },
  {
    name: 'RGB, H.264',
    extension: 'mkv',
    result: 'cut',
    passes: [[...picture(), '-c:v', 'libx264rgb', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'rgb24']],
  },
  { name: 'a single frame', extension: 'mp4', result: short, frames: 1, passes: [[...plain, '-frames:v', '1']] },
  {
    name: '1 by 1',
    extension: 'mkv',
    result: 'cut',
    shownAs: [2, 2],
    passes: [
      [...picture('size=16x16:rate=25:duration=6'), '-vf', 'format=gray,crop=1:1:0:0', '-c:v', 'ffv1', '-level', '1'],
    ],
  },
  {
    name: '2 by 2',
    extension: 'mp4',
    result: 'cut',
    passes: [[...picture('size=16x16:rate=25:duration=6'), '-vf', 'crop=2:2:0:0', ...x264]],
  },
  {
    name: 'interlaced',
    extension: 'ts',
    result: 'cut',
    passes: [[...picture('size=128x96:rate=25:duration=6'), ...mpeg2, '-flags', '+ildct+ilme', '-top', '1']],
  },
  {
    name: 'a size that changes in the middle',
    extension: 'ts',
    result: { failed: 'UNSUPPORTED_MEDIA' },
    passes: [[...picture('size=128x72:rate=25:duration=3'), ...x264]],
    append: [...picture('size=96x54:rate=25:duration=3'), ...x264, '-output_ts_offset', '3.5'],
  },
];

const cover = ['-f', 'lavfi', '-i', 'color=red:size=32x32:rate=1:duration=1'];
const tracks: readonly OddSource[] = [
  {
    name: 'cover art beside the film',
    extension: 'mp4',
    result: 'cut',
    frames: 150,
    passes: [
      [
        ...picture(),
        ...cover,
        ...['-map', '0:v', '-map', '1:v', ...x264, ...coverCodec, '-frames:v:1', '1'],
        ...['-disposition:v:1', 'attached_pic'],
      ],
    ],
  },
  {
    name: 'an attachment',
    extension: 'mkv',
    result: 'cut',
    frames: 150,
    passes: [[...plain, '-attach', 'SIDE', '-metadata:s:t', 'mimetype=text/plain']],
  },
  {
    name: 'a timecode track',
    extension: 'mov',
    result: 'cut',
    frames: 150,
    passes: [[...plain, '-timecode', '01:00:00:00']],
  },
  {
    name: 'two pictures, three sounds',
    extension: 'mkv',
    result: 'cut',
    frames: 150,
    passes: [
      [
        ...picture(),
        ...picture('size=64x36:rate=25:duration=6'),
        ...[...tone(), ...tone(), ...tone()],
        ...['0:v', '1:v', '2:a', '3:a', '4:a'].flatMap((map) => ['-map', map]),
        ...[...x264, ...aac],
      ],
    ],
  },
  { name: 'picture without sound', extension: 'mov', result: 'cut', frames: 150, passes: [plain] },
  {
    name: 'sound without picture',
    extension: 'm4a',
    result: { refused: 'NO_VIDEO' },
    passes: [[...tone(), ...aac]],
  },
  {
    name: 'sound with a cover',
    extension: 'm4a',
    result: { refused: 'NO_VIDEO' },
    passes: [
      [
        ...tone(),
        ...cover,
        ...['-map', '0:a', '-map', '1:v', ...aac, '-c:v', 'mjpeg', '-frames:v', '1', '-pix_fmt', 'yuvj420p'],
        ...['-disposition:v', 'attached_pic', '-f', 'mp4'],
      ],
    ],
  },
  {
    name: 'sound longer than the picture',
    extension: 'mp4',
    result: 'cut',
    frames: 150,
    passes: [[...picture(), ...tone(9), ...x264, ...aac]],
  },
];

const containers: readonly OddSource[] = [
  { name: 'MPEG-2 in MPEG-PS', extension: 'mpg', codec: 'mpeg2video', format: 'mpeg' },
  { name: 'MPEG-2 in VOB', extension: 'vob', codec: 'mpeg2video', format: 'vob' },
  { name: 'MPEG-2 in MXF', extension: 'mxf', codec: 'mpeg2video', format: 'mxf' },
  { name: 'MPEG-4 in AVI', extension: 'avi', codec: 'mpeg4', format: 'avi' },
  { name: 'H.264 in FLV', extension: 'flv', codec: 'libx264', format: 'flv' },
  { name: 'WMV in ASF', extension: 'wmv', codec: 'wmv2', format: 'asf' },
  { name: 'Theora in Ogg', extension: 'ogv', codec: 'libtheora', format: 'ogg' },
].map(({ name, extension, codec, format }) => ({
  name,
  extension,
  result: { whole: '' },
  passes: [[...picture(), '-c:v', codec, '-b:v', '400k', '-g', '25', '-pix_fmt', 'yuv420p', '-f', format]],
}));

const damage = (seed: number) => (bytes: Buffer) => flipBits(bytes, seed, 40);
const damaged: readonly OddSource[] = [
  {
    name: 'damaged MPEG-TS',
    extension: 'ts',
    result: { whole: '' },
    passes: [plain],
    isDamaged: true,
    patch: damage(5),
  },
  {
    name: 'damaged MPEG-PS',
    extension: 'mpg',
    result: { whole: '' },
    passes: [[...picture(), ...mpeg2, '-f', 'mpeg']],
    isDamaged: true,
    patch: damage(7),
  },
];

export const oddSources: readonly OddSource[] = [...clocks, ...pictures, ...tracks, ...containers, ...damaged];

/** Makes a source; its own passes, one after the other. */
export async function makeOddSource(source: OddSource, outputPath: string, run: RunOptions): Promise<void> {
  const sidePath = `${outputPath}.txt`;
  await writeFile(sidePath, 'An attachment.\n');
  let input = '';
  for (const [at, pass] of source.passes.entries()) {
    const isLast = at === source.passes.length - 1;
    const path = isLast ? outputPath : `${outputPath}.${at}.${source.extension}`;
    const args = pass.map((argument) => (argument === 'IN' ? input : argument === 'SIDE' ? sidePath : argument));
    await runFfmpeg([...args, '-fflags', '+bitexact', '-y', path], run);
    if (input !== '') await rm(input);
    input = path;
  }
  await rm(sidePath);
  if (source.append) {
    await runFfmpeg([...source.append, '-fflags', '+bitexact', '-y', `${outputPath}.${source.extension}`], run);
    await appendFile(outputPath, await readFile(`${outputPath}.${source.extension}`));
    await rm(`${outputPath}.${source.extension}`);
  }
  if (source.patch) await writeFile(outputPath, source.patch(await readFile(outputPath)));
}
