import { inputGuardArgs } from '../process/runFfmpeg.ts';
import type { ExtractSpec, Passage, PickedFrame, StillOutput } from './stillManifest.ts';
import { stillEncoder } from './stillReport.ts';

/** Instance name of the showinfo filter behind the selection. */
export const pickedFilter = 'picked';

/**
 * FFmpeg arguments of one passage. As for chunks, FFmpeg seeks to a key frame well before and the exact frames are
 * chosen by their times.
 * @param filters where the filter graph is too long for a command line, the file that holds it
 * @param outputPath a pattern with `%d` for images, else a file
 */
export function extractArgs(
  spec: ExtractSpec,
  passage: Passage,
  files: { readonly sourcePath: string; readonly outputPath: string; readonly filterScript: string | null },
): string[] {
  const threads = spec.decoderThreads;
  const graph = filterGraph(spec, passage);
  return [
    ...['-loglevel', 'level+verbose', '-filter_threads', '1', ...(threads === null ? [] : ['-threads', `${threads}`])],
    ...(passage.seekSeconds === null ? [] : ['-ss', passage.seekSeconds.toFixed(6), '-noaccurate_seek']),
    ...['-copyts', ...inputGuardArgs(spec.demuxer), '-i', `file:${files.sourcePath}`],
    ...['-map', `0:${spec.streamIndex}`, '-an', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'],
    ...(files.filterScript === null ? ['-vf', graph] : ['-filter_script:v', files.filterScript]),
    ...['-fps_mode', 'passthrough', '-threads', '1', ...encoderArgs(spec.output)],
    ...['-fflags', '+bitexact', '-flags', '+bitexact', ...muxerArgs(spec), '-y', `file:${files.outputPath}`],
  ];
}

/** Chosen by time, shown to the log, made a picture, then put together. */
export function filterGraph({ picture, output }: ExtractSpec, { picks }: Passage): string {
  return [
    ...pickFilters(picks),
    `showinfo@${pickedFilter}=checksum=0`,
    ...picture.filters,
    ...togetherFilters(output),
  ].join(',');
}

/** Lets the picked frames through, by their own times, and reads no farther than the last. */
export function pickFilters(picks: readonly PickedFrame[]): string[] {
  const endPts = picks.at(-1)?.endPts ?? null;
  return [...(endPts === null ? [] : [`trim=end_pts=${endPts}`]), `select='${selection(picks)}'`];
}

/** A tree of halves: each frame is judged in a few steps, however many are picked. */
function selection(picks: readonly PickedFrame[]): string {
  const [first] = picks;
  if (first === undefined) return '0';
  if (picks.length > 1) {
    const middle = Math.floor(picks.length / 2);
    const border = picks[middle]?.fromPts ?? 0;
    return `if(lt(pts,${border}),${selection(picks.slice(0, middle))},${selection(picks.slice(middle))})`;
  }
  const { fromPts, endPts } = first;
  const from = fromPts === null ? '1' : `gte(pts,${fromPts})`;
  return endPts === null ? from : `${from}*lt(pts,${endPts})`;
}

function togetherFilters(output: StillOutput): string[] {
  if (output.form === 'sheets') return [`tile=layout=${output.columns}x${output.rows}`];
  if (output.form !== 'animation') return [];
  const start = 'setpts=PTS-STARTPTS';
  if (output.format === 'webp') return [start];
  const palette = '[sample]palettegen=stats_mode=diff[palette]';
  const use = '[film][palette]paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle';
  return [start, `split[film][sample];${palette};${use}`];
}

const largestQuality = 100;
/** Quantiser of the JPEG encoder: 2 is its best, 31 its worst. */
const jpegScale = (quality: number) => Math.round(31 - ((quality - 1) * 29) / (largestQuality - 1));

function encoderArgs(output: StillOutput): string[] {
  return ['-c:v', stillEncoder(output), ...encoderOptions(output)];
}

function encoderOptions(output: StillOutput): string[] {
  const webp = ['-quality', String(output.quality), '-compression_level', '4'];
  switch ('format' in output ? output.format : 'jpeg') {
    case 'jpeg':
      return ['-q:v', String(jpegScale(output.quality))];
    case 'png':
      return ['-compression_level', '6', '-pred', 'mixed'];
    case 'webp':
      return output.form === 'animation' ? [...webp, '-enc_time_base', '1/1000'] : webp;
    case 'gif':
      return ['-enc_time_base', '1/100'];
  }
}

function muxerArgs({ output, firstNumber }: ExtractSpec): string[] {
  if (output.form === 'animation') return ['-loop', '0', '-f', output.format];
  return ['-f', 'image2', '-start_number', String(firstNumber)];
}
