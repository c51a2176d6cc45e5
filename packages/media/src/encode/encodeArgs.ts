import { BugError } from '@reelmill/protocol';
import { muxers } from '../assemble/containers.ts';
import { type BurnInFiles, burnInFilters } from '../burnIn/burnInFilters.ts';
import type { EncodeSpec, SharedEncodeSpec } from '../manifest.ts';
import { inputGuardArgs } from '../process/runFfmpeg.ts';
import { edgeNames } from './encodeLog.ts';
import { firstPassOutput, type Pass, passArgs, passClock } from './passArgs.ts';

/** A chunk with what its node made ready for it. */
export type PreparedSpec = EncodeSpec & {
  /** Needed where `video.burnIn` is there. */
  readonly burnInFiles?: BurnInFiles | undefined;
  /** Needed where `video.passes` is 2. */
  readonly pass?: Pass | undefined;
};

/**
 * FFmpeg arguments of one chunk: seek well before it, cut by timestamp, encode (design document, "Cutting"). The log
 * level is `verbose`, because the checks of `encodeChunk` read the log. No `-xerror`: decoders complain while they
 * warm up before the cut.
 */
export function encodeArgs(spec: PreparedSpec, sourcePath: string, outputPath: string): string[] {
  const { streamIndex, threads } = spec.video;
  return [
    ...inputArgs(spec, sourcePath, ['-filter_threads', String(threads)]),
    ...['-map', `0:${streamIndex}`, ...pictureOnly, '-vf', filterGraph(spec), ...outputArgs(spec, outputPath)],
  ];
}

/**
 * The same for several renditions of one chunk: one decode, one cut, then a branch each. Every output gets the frames
 * and the arguments it would get alone, so its bytes are the same.
 * @param outputPaths one per part
 */
export function sharedEncodeArgs(
  { parts }: SharedEncodeSpec,
  sourcePath: string,
  outputPaths: readonly string[],
): string[] {
  const [lead] = parts;
  if (lead === undefined || outputPaths.length !== parts.length) throw new BugError('one file per rendition');
  const branches = parts.map((_, at) => `[branch${at}]`).join('');
  const pictures = parts.map((part, at) => `[branch${at}]${pictureFilters(part)}[picture${at}]`);
  const graph = [`[0:${lead.video.streamIndex}]${cutFilters(lead)}split=${parts.length}${branches}`, ...pictures];
  return [
    ...inputArgs(lead, sourcePath, ['-filter_complex_threads', String(lead.video.threads)]),
    ...['-filter_complex', graph.join(';')],
    ...parts.flatMap((part, at) => [
      ...['-map', `[picture${at}]`, ...pictureOnly],
      ...outputArgs(part, outputPaths[at] as string),
    ]),
  ];
}

const pictureOnly = ['-an', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'];

function inputArgs(spec: EncodeSpec, sourcePath: string, filterThreads: readonly string[]): string[] {
  const { chunk, video } = spec;
  return [
    ...['-loglevel', 'level+verbose', '-benchmark', ...(video.device?.initArgs ?? [])],
    ...[...filterThreads, ...decoderThreads(spec)],
    ...(chunk.seekSeconds === null ? [] : ['-ss', chunk.seekSeconds.toFixed(6), '-noaccurate_seek']),
    ...['-copyts', ...(video.applyRotation ? [] : ['-noautorotate'])],
    ...[...inputGuardArgs(spec.demuxer), '-i', `file:${sourcePath}`],
  ];
}

function outputArgs(spec: PreparedSpec, outputPath: string): string[] {
  const { video, timeBase, keyFrameSeconds = [] } = spec;
  const forced = keyFrameSeconds.map((seconds) => seconds.toFixed(6)).join(',');
  return [
    ...['-fps_mode', 'passthrough', '-enc_time_base', encoderTimeBase(spec)],
    ...['-c:v', video.encoder, '-threads', String(video.threads), ...passArgs(video, spec.pass)],
    ...(forced === '' ? [] : ['-force_key_frames', forced]),
    ...(video.device?.uploadFilters.length ? [] : ['-pix_fmt', video.pixelFormat]),
    ...video.colorArgs,
    ...['-fflags', '+bitexact', '-flags', '+bitexact'],
    ...(video.device ? ['-avoid_negative_ts', 'make_zero'] : []),
    ...(video.chunkContainer === 'mkv' ? [] : ['-video_track_timescale', String(timeBase.den)]),
    // of the first pass only what is learned counts
    ...(spec.pass?.number === 1
      ? firstPassOutput(video, spec.pass)
      : ['-f', muxers[video.chunkContainer], '-y', `file:${outputPath}`]),
  ];
}

/**
 * The cut, with two side branches whose checksums are the overlap proof: the last frames *before* the cut, taken from
 * what the decoder gives, and the last frames *of* it, taken behind the trim (so a wrong trim shows).
 */
export function filterGraph(spec: PreparedSpec): string {
  return `${cutFilters(spec)}${pictureFilters(spec)}`;
}

/** Ends with a comma, or is empty. */
function cutFilters({ chunk, edges }: EncodeSpec): string {
  const trim = trimFilter(chunk.trimStartPts, chunk.trimEndPts);
  const [before] = edges.before;
  const [last] = edges.last;
  const beforeBranch =
    before && chunk.trimStartPts !== null
      ? `split=2[cut][before];[before]${trimFilter(before.pts, chunk.trimStartPts)},${showEdge('before')};[cut]`
      : '';
  const lastBranch = last ? `split=2[main][last];[last]${trimFilter(last.pts, null)},${showEdge('last')};[main]` : '';
  return `${beforeBranch}${trim === '' ? '' : `${trim},`}${lastBranch}`;
}

function pictureFilters(spec: PreparedSpec): string {
  const { filters, rateFilters = [], device } = spec.video;
  const drawn = [...filters, ...textFilters(spec), ...rateFilters];
  const all = [...toZero(spec), ...drawn, ...(device?.uploadFilters ?? []), ...matroskaClock(spec)];
  return all.join(',') || 'null';
}

/**
 * In some versions of FFmpeg `setpts` makes the rate of the film unknown to what follows (`strip_fps` in
 * https://ffmpeg.org/ffmpeg-filters.html#setpts_002c-asetpts). Hardware encoders take their rate control and level from
 * it, so for them the muxer moves the times to zero instead.
 */
const toZero = ({ video }: EncodeSpec): string[] => (video.device ? [] : ['setpts=PTS-STARTPTS']);

function textFilters({ video, chunk, burnInFiles }: PreparedSpec): string[] {
  if (video.burnIn === undefined) return [];
  if (burnInFiles === undefined) throw new BugError('the burn-in was not prepared');
  return burnInFilters(video.burnIn, chunk, burnInFiles);
}

/**
 * A whole film is decoded as the reference decode does it, with FFmpeg's own choice: of damaged sources each number of
 * decoder threads conceals errors differently. Sound ones decode alike with any.
 */
function decoderThreads({ plan, video }: EncodeSpec): string[] {
  return plan === 'whole' ? [] : ['-threads', String(video.threads)];
}

/** Source ticks; microseconds for Matroska, whose milliseconds are no multiple of most ticks. */
function encoderTimeBase(spec: EncodeSpec): string {
  const { timeBase, video } = spec;
  const clock = passClock(spec);
  if (clock !== null) return clock;
  return video.chunkContainer === 'mkv' ? '1/1000000' : `${timeBase.num}/${timeBase.den}`;
}

function matroskaClock({ phaseMicroseconds, video }: EncodeSpec): string[] {
  return video.chunkContainer === 'mkv' ? ['settb=1/1000000', `setpts=PTS+${phaseMicroseconds}`] : [];
}

const showEdge = (edge: keyof typeof edgeNames) => `showinfo@${edgeNames[edge]},nullsink`;

function trimFilter(startPts: number | null, endPts: number | null): string {
  const parts = [
    ...(startPts === null ? [] : [`start_pts=${startPts}`]),
    ...(endPts === null ? [] : [`end_pts=${endPts}`]),
  ];
  return parts.length === 0 ? '' : `trim=${parts.join(':')}`;
}
