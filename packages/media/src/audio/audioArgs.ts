import { muxerArgs } from '../assemble/containers.ts';
import type { AudioSpec } from '../manifest.ts';
import { inputGuardArgs } from '../process/runFfmpeg.ts';

/**
 * FFmpeg arguments of the audio task: the whole track at once, its first decoded sample at 0. `-copyts` keeps the
 * container's own clock, so that the plan's `startSeconds` means the same on every node.
 */
export function audioArgs(spec: AudioSpec, sourcePath: string, outputPath: string): string[] {
  const { audio } = spec;
  return [
    ...trackArgs(spec, sourcePath, audio.filters),
    ...['-map_metadata', '-1', '-map_chapters', '-1', '-c:a', audio.encoder, ...audio.encoderArgs],
    ...['-flags:a', '+bitexact', '-fflags', '+bitexact'],
    ...[...muxerArgs(audio.container), '-y', `file:${outputPath}`],
  ];
}

/** The same track through other filters, into nothing: they tell what they saw in the log. */
export const listenArgs = (spec: AudioSpec, sourcePath: string, filters: readonly string[]): string[] => [
  ...['-loglevel', 'info', ...trackArgs(spec, sourcePath, filters)],
  ...['-f', 'null', '-'],
];

function trackArgs({ demuxer, audio }: AudioSpec, sourcePath: string, filters: readonly string[]): string[] {
  const chain = [`asetpts=PTS-round(${audio.startSeconds}/TB)`, ...filters];
  return [
    ...['-threads', '1', '-copyts', ...inputGuardArgs(demuxer), '-i', `file:${sourcePath}`],
    ...['-map', `0:${audio.streamIndex}`, '-vn', '-sn', '-dn', '-af', chain.join(',')],
  ];
}
