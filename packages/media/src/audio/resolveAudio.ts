import type { Preset } from '@reelmill/protocol';
import type { ResolvedAudio } from '../manifest.ts';
import { type AudioTrack, chooseAudioTrack } from './audioTrack.ts';
import { resolvePcm } from './pcmFormat.ts';

/** What the plan needs to settle the sound of a rendition. */
export interface AudioChoice {
  /** All audio tracks of the source, in stream order. */
  readonly tracks: readonly AudioTrack[];
  readonly preset: Preset;
  /** First frame of the plan, in the container's own time. */
  readonly firstVideoSeconds: number;
  /** End of the track's packets, same clock, where the index measured it: more exact than the header. */
  readonly audioEndSeconds?: number | null;
}

export interface AudioDecision {
  readonly audio: ResolvedAudio | null;
  /** Sentences for people: what of the source's sound does not reach the output as it was. */
  readonly warnings: readonly string[];
}

/** Sample rates AAC-LC can carry and every browser plays (ISO/IEC 14496-3, table 1.18, up to 48 kHz). */
const aacRates = new Set([48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000]);
/** Jumps of the source's clock from here on are filled with silence or trimmed; smaller ones are jitter. */
const clockJumpSeconds = 0.02;

/** Settles encoder, filters and offset of the sound. Pure: same source, same preset, same answer. */
export function resolveAudio({ tracks, preset, firstVideoSeconds, audioEndSeconds }: AudioChoice): AudioDecision {
  const track = chooseAudioTrack(tracks);
  if (track === null) return { audio: null, warnings: [] };
  const form = preset.audio.codec === 'aac' ? resolveAac(track, preset.audio.bitrate) : resolvePcm(track, preset);
  const measured = audioEndSeconds ? roundToNanoseconds(Math.max(0, audioEndSeconds - track.startSeconds)) : null;
  const audio: ResolvedAudio = {
    ...form,
    streamIndex: track.index,
    container: preset.container,
    startSeconds: track.startSeconds,
    offsetSeconds: roundToNanoseconds(track.startSeconds - firstVideoSeconds),
    durationSeconds: measured ?? track.durationSeconds ?? 0,
  };
  return { audio, warnings: warningsOf(track, tracks.length, audio) };
}

type AudioForm = Pick<ResolvedAudio, 'encoder' | 'encoderArgs' | 'filters' | 'sampleRate' | 'channels'>;

function resolveAac(track: AudioTrack, stereoBitrate: number): AudioForm {
  const channels = Math.min(track.channels, 2);
  const sampleRate = aacRates.has(track.sampleRate) ? track.sampleRate : 48000;
  const layout = channels === 1 ? 'mono' : 'stereo';
  return {
    encoder: 'aac',
    encoderArgs: ['-b:a', String(channels === 1 ? Math.round(stereoBitrate / 2) : stereoBitrate)],
    filters: [
      `aresample=${sampleRate}:async=1:min_hard_comp=${clockJumpSeconds}:first_pts=0`,
      `aformat=sample_fmts=fltp:sample_rates=${sampleRate}:channel_layouts=${layout}`,
    ],
    sampleRate,
    channels,
  };
}

function warningsOf(track: AudioTrack, trackCount: number, audio: ResolvedAudio): string[] {
  const warnings: string[] = [];
  if (audio.channels < track.channels) {
    warnings.push(`AUDIO_MIXED_DOWN: ${track.channels} audio channels were mixed down to ${audio.channels}.`);
  }
  if (audio.sampleRate !== track.sampleRate) {
    warnings.push(`AUDIO_RESAMPLED: the sample rate was changed from ${track.sampleRate} to ${audio.sampleRate} Hz.`);
  }
  if (trackCount > 1) {
    warnings.push(`AUDIO_TRACKS_DROPPED: of ${trackCount} audio tracks the output holds stream ${track.index} only.`);
  }
  return warnings;
}

/** Sums of decimal fractions: keeps 0.04 from becoming 0.040000000000006. */
function roundToNanoseconds(seconds: number): number {
  return Math.round(seconds * 1e9) / 1e9;
}
