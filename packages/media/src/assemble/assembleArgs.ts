import type { FilmManifest, ResolvedAudio } from '../manifest.ts';
import { isMatroska, muxers } from './containers.ts';
import type { SideFiles } from './extractSide.ts';
import { audioDelaySeconds, lastFrame, movieTimescale, videoDelaySeconds, videoTimescale } from './joinTimeline.ts';
import { sideJoinArgs } from './sideJoinArgs.ts';

/** The audio file of a join, as measured. */
export interface AudioInput {
  readonly audio: ResolvedAudio;
  readonly path: string;
  /** Encoder delay before the first real sample, seconds; 0 for PCM and FLAC. */
  readonly primingSeconds: number;
  /** First presented sample in the audio file, seconds; 0 unless the decoder started later than planned. */
  readonly firstSeconds: number;
}

/** Containers of chunks and audio files; the generated list is the only input that may be `concat`. */
const joinDemuxers = 'concat,mov,matroska';

export interface JoinInputs {
  /** One per track of the plan, in the order of `soundTracks`. */
  readonly sounds: readonly AudioInput[];
  readonly side: SideFiles;
}

/**
 * FFmpeg arguments of the join: everything copied, nothing encoded. The concat list comes on stdin. Bytes repeat:
 * no clock, no library version, no random ids.
 */
export function assembleArgs(manifest: FilmManifest, { sounds, side }: JoinInputs, outputPath: string): string[] {
  const sideArgs = sideJoinArgs(manifest, side, 1 + sounds.length);
  return [
    ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', joinDemuxers],
    ...['-itsoffset', seconds(videoDelaySeconds(manifest)), '-f', 'concat', '-safe', '0', '-i', 'pipe:0'],
    ...sounds.flatMap((sound) => audioInputArgs(manifest, sound)),
    ...sideArgs.inputs,
    ...['-map', '0:v:0', ...sounds.flatMap((_, at) => ['-map', `${at + 1}:a:0`]), ...sideArgs.maps],
    ...['-c', 'copy', '-bsf:v:0', lastFrameFilter(manifest)],
    ...sideArgs.output,
    ...matroskaRotationArgs(manifest),
    ...['-fflags', '+bitexact', '-flags', '+bitexact', ...containerArgs(manifest), '-y', `file:${outputPath}`],
  ];
}

/** Whether the audio track starts late *and* has an encoder delay: then `trimPriming` must run after the join. */
export function needsPrimingTrim(manifest: FilmManifest, sound: AudioInput): boolean {
  return !isMatroska(manifest.container) && sound.primingSeconds > 0 && audioDelay(manifest, sound) > 0;
}

function audioDelay(manifest: FilmManifest, sound: AudioInput): number {
  return audioDelaySeconds(manifest, sound.audio) + sound.firstSeconds;
}

/**
 * A late track is delayed by its priming on top: only then does the muxer write the separate empty edit, of exactly
 * the wanted length, that `trimPriming` completes.
 */
function audioInputArgs(manifest: FilmManifest, sound: AudioInput): string[] {
  const extra = needsPrimingTrim(manifest, sound) ? sound.primingSeconds : 0;
  const guard = ['-protocol_whitelist', 'file', '-format_whitelist', 'mov,matroska'];
  return [...guard, '-itsoffset', seconds(audioDelay(manifest, sound) + extra), '-i', `file:${sound.path}`];
}

/**
 * Matroska has a free tag only; mp4 and mov get the real thing from `writeRotation`. In capitals, because FFmpeg 5's
 * command line takes a lower-case `rotate` for itself.
 */
function matroskaRotationArgs({ container, video }: FilmManifest): string[] {
  if (!isMatroska(container) || video.rotationTag === 0) return [];
  return ['-metadata:s:v:0', `ROTATE=${video.rotationTag}`];
}

/**
 * Gives the last frame its planned duration, which no `duration` line of the list does: a screen recording may stand
 * still for seconds at its end. The last packet gets it too: with B-frames it holds another frame, and the muxer ends
 * the track with it. Without naming pts and dts the filter would make them equal.
 */
function lastFrameFilter(manifest: FilmManifest): string {
  const { durationSeconds, midpointSeconds } = lastFrame(manifest);
  const after = seconds(videoDelaySeconds(manifest) + midpointSeconds);
  const isLast = `gte(PTS*TB\\,${after})+gte(N\\,${manifest.frames - 1})`;
  return `setts=pts=PTS:dts=DTS:duration=if(${isLast}\\,round(${durationSeconds}/TB)\\,DURATION)`;
}

function containerArgs({ container, timeBase }: FilmManifest): string[] {
  if (isMatroska(container)) return ['-f', muxers[container]];
  const scales = [
    ...['-video_track_timescale', String(videoTimescale(timeBase))],
    ...['-movie_timescale', String(movieTimescale(timeBase))],
  ];
  return [...scales, '-movflags', '+faststart', '-f', muxers[container]];
}

/** Microseconds are FFmpeg's finest; no exponent form. */
function seconds(value: number): string {
  return value.toFixed(6);
}
