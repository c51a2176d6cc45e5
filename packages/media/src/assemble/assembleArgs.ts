import type { Manifest } from '../manifest.ts';
import { joinStart, lastFrame, movieTimescale, videoTimescale } from './joinTimeline.ts';

/** The audio file of a join, as measured. */
export interface AudioInput {
  readonly path: string;
  /** Encoder delay before the first real sample, seconds; 0 for PCM and FLAC. */
  readonly primingSeconds: number;
  /** First presented sample in the audio file, seconds; 0 unless the decoder started later than planned. */
  readonly firstSeconds: number;
}

/** Containers of chunks and audio files; the generated list is the only input that may be `concat`. */
const joinDemuxers = 'concat,mov,matroska';

/**
 * FFmpeg arguments of the join: everything copied, nothing encoded. The concat list comes on stdin. Bytes repeat:
 * no clock, no library version, no random ids.
 */
export function assembleArgs(manifest: Manifest, audio: AudioInput | null, outputPath: string): string[] {
  const { videoDelaySeconds } = joinStart(manifest);
  return [
    ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', joinDemuxers],
    ...['-itsoffset', seconds(videoDelaySeconds), '-f', 'concat', '-safe', '0', '-i', 'pipe:0'],
    ...(audio ? audioInputArgs(manifest, audio) : []),
    ...['-map', '0:v:0', ...(audio ? ['-map', '1:a:0'] : []), '-c', 'copy', '-bsf:v', lastFrameFilter(manifest)],
    ...['-map_metadata', '-1', '-map_chapters', '-1'],
    ...matroskaRotationArgs(manifest),
    ...['-disposition:v:0', 'default', ...(audio ? ['-disposition:a:0', 'default'] : [])],
    ...['-fflags', '+bitexact', '-flags', '+bitexact', ...containerArgs(manifest), '-y', `file:${outputPath}`],
  ];
}

/** Whether the audio track starts late *and* has an encoder delay: then `trimPriming` must run after the join. */
export function needsPrimingTrim(manifest: Manifest, audio: AudioInput): boolean {
  return manifest.container !== 'mkv' && audio.primingSeconds > 0 && audioDelay(manifest, audio) > 0;
}

function audioDelay(manifest: Manifest, audio: AudioInput): number {
  return joinStart(manifest).audioDelaySeconds + audio.firstSeconds;
}

/**
 * A late track is delayed by its priming on top: only then does the muxer write the separate empty edit, of exactly
 * the wanted length, that `trimPriming` completes.
 */
function audioInputArgs(manifest: Manifest, audio: AudioInput): string[] {
  const extra = needsPrimingTrim(manifest, audio) ? audio.primingSeconds : 0;
  const guard = ['-protocol_whitelist', 'file', '-format_whitelist', 'mov,matroska'];
  return [...guard, '-itsoffset', seconds(audioDelay(manifest, audio) + extra), '-i', `file:${audio.path}`];
}

/**
 * Matroska has a free tag only; mp4 and mov get the real thing from `writeRotation`. In capitals, because FFmpeg 5's
 * command line takes a lower-case `rotate` for itself.
 */
function matroskaRotationArgs({ container, video }: Manifest): string[] {
  if (container !== 'mkv' || video.rotationTag === 0) return [];
  return ['-metadata:s:v:0', `ROTATE=${video.rotationTag}`];
}

/**
 * Gives the last frame its planned duration, which no `duration` line of the list does: a screen recording may stand
 * still for seconds at its end. The last packet gets it too: with B-frames it holds another frame, and the muxer ends
 * the track with it. Without naming pts and dts the filter would make them equal.
 */
function lastFrameFilter(manifest: Manifest): string {
  const { durationSeconds, midpointSeconds } = lastFrame(manifest);
  const after = seconds(joinStart(manifest).videoDelaySeconds + midpointSeconds);
  const isLast = `gte(PTS*TB\\,${after})+gte(N\\,${manifest.frames - 1})`;
  return `setts=pts=PTS:dts=DTS:duration=if(${isLast}\\,round(${durationSeconds}/TB)\\,DURATION)`;
}

function containerArgs({ container, timeBase }: Manifest): string[] {
  if (container === 'mkv') return ['-f', 'matroska'];
  const scales = [
    ...['-video_track_timescale', String(videoTimescale(timeBase))],
    ...['-movie_timescale', String(movieTimescale(timeBase))],
  ];
  return [...scales, '-movflags', '+faststart', '-f', container];
}

/** Microseconds are FFmpeg's finest; no exponent form. */
function seconds(value: number): string {
  return value.toFixed(6);
}
