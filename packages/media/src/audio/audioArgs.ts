import { muxers } from '../assemble/containers.ts';
import type { AudioSpec } from '../manifest.ts';
import { inputGuardArgs } from '../process/runFfmpeg.ts';

/**
 * FFmpeg arguments of the audio task: the whole track at once, its first decoded sample at 0. `-copyts` keeps the
 * container's own clock, so that the plan's `startSeconds` means the same on every node.
 */
export function audioArgs({ demuxer, audio }: AudioSpec, sourcePath: string, outputPath: string): string[] {
  const filters = [`asetpts=PTS-round(${audio.startSeconds}/TB)`, ...audio.filters];
  return [
    ...['-threads', '1', '-copyts', ...inputGuardArgs(demuxer), '-i', `file:${sourcePath}`],
    ...['-map', `0:${audio.streamIndex}`, '-vn', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'],
    ...['-af', filters.join(','), '-c:a', audio.encoder, ...audio.encoderArgs],
    ...['-flags:a', '+bitexact', '-fflags', '+bitexact'],
    ...['-f', muxers[audio.container], '-y', `file:${outputPath}`],
  ];
}
