import { videoTimescale } from '../assemble/joinTimeline.ts';
import type { FilmManifest, ResolvedAudio } from '../manifest.ts';
import { inputGuardArgs } from '../process/runFfmpeg.ts';
import { mediaZeroSeconds } from './packagedTrack.ts';

/** One published rendition, and the track file its picture goes into. */
export interface VideoSource {
  readonly manifest: FilmManifest;
  readonly inputPath: string;
  readonly outputPath: string;
}

/** A sound track of the first rendition, by its place there. */
export interface AudioSource {
  readonly audio: ResolvedAudio;
  readonly track: number;
  readonly outputPath: string;
}

/**
 * Fragments with an index before them, times as they are: no edit list, which players of fragments read differently.
 * The decode time of each fragment counts from zero of the file's clock, not from the first packet.
 */
const movieFlags = '+frag_discont+empty_moov+default_base_moof+dash+global_sidx+skip_trailer';

/**
 * FFmpeg arguments that copy every track of a package into a file of its own, picture cut into fragments at its key
 * frames, sound into fragments about as long. Bytes repeat: no clock, no library version.
 */
export function packageArgs(
  videos: readonly VideoSource[],
  audios: readonly AudioSource[],
  segmentSeconds: number,
): string[] {
  const clock = ['-output_ts_offset', String(mediaZeroSeconds), '-avoid_negative_ts', 'disabled', '-use_editlist', '0'];
  const plain = ['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact', '-flags', '+bitexact'];
  const outputArgs = (path: string): string[] => ['-f', 'mp4', '-y', `file:${path}`];
  return [
    '-copyts',
    ...videos.flatMap(({ inputPath }) => [...inputGuardArgs('mov'), '-i', `file:${inputPath}`]),
    ...videos.flatMap(({ manifest, outputPath }, at) => [
      ...['-map', `${at}:v:0`, '-c', 'copy', ...plain, ...clock],
      ...['-video_track_timescale', String(videoTimescale(manifest.timeBase))],
      ...['-movflags', `${movieFlags}+frag_keyframe`, ...outputArgs(outputPath)],
    ]),
    ...audios.flatMap(({ audio, track, outputPath }) => [
      ...['-map', `0:a:${track}`, '-c', 'copy', ...plain, ...clock],
      ...(audio.labels.language === null ? [] : ['-metadata:s:a:0', `language=${audio.labels.language}`]),
      ...[
        '-movflags',
        movieFlags,
        '-frag_duration',
        String(Math.round(segmentSeconds * 1e6)),
        ...outputArgs(outputPath),
      ],
    ]),
  ];
}
