import { assertNever, type Preset } from '@reelmill/protocol';
import type { ResolvedAudio } from '../manifest.ts';
import { heldLabels } from '../plan/containerLimits.ts';
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
  /** The main track: default disposition, else the first. */
  readonly audio: ResolvedAudio | null;
  /** The others, in stream order. */
  readonly moreAudio: readonly ResolvedAudio[];
  /** Sentences for people: what of the source's sound does not reach the output as it was. */
  readonly warnings: readonly string[];
}

/** Sample rates AAC-LC can carry and every browser plays (ISO/IEC 14496-3, table 1.18, up to 48 kHz). */
const aacRates = new Set([48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000]);
/** Jumps of the source's clock from here on are filled with silence or trimmed; smaller ones are jitter. */
const clockJumpSeconds = 0.02;

/** A rendition holds at most so many audio tracks. */
const mostTracks = 32;

/** Settles encoder, filters and offset of every audio track. Pure: same source, same preset, same answer. */
export function resolveAudio(choice: AudioChoice): AudioDecision {
  const main = chooseAudioTrack(choice.tracks);
  if (main === null) return { audio: null, moreAudio: [], warnings: [] };
  const others = choice.tracks.filter((track) => track !== main && track.hasSamples).slice(0, mostTracks - 1);
  const audio = resolveTrack(main, choice, { isMain: true });
  const moreAudio = others.map((track) => resolveTrack(track, choice, { isMain: false }));
  const more = others.flatMap((track, at) =>
    changeWarnings(track, moreAudio[at] ?? audio, ` of stream ${track.index}`),
  );
  return { audio, moreAudio, warnings: [...changeWarnings(main, audio, ''), ...more] };
}

function resolveTrack(track: AudioTrack, choice: AudioChoice, { isMain }: { isMain: boolean }): ResolvedAudio {
  const { preset, firstVideoSeconds } = choice;
  const form = resolveForm(track, preset);
  // the index measured the track that the headers make the main one
  const isMeasured = track === (choice.tracks.find(({ isDefault }) => isDefault) ?? choice.tracks[0]);
  const end = isMeasured ? choice.audioEndSeconds : null;
  const measured = end ? roundToNanoseconds(Math.max(0, end - track.startSeconds)) : null;
  const { labels } = heldLabels(track.labels, preset.container);
  const isMarked = !isMain || labels.dispositions.includes('default');
  return {
    ...form,
    streamIndex: track.index,
    container: preset.container,
    startSeconds: track.startSeconds,
    offsetSeconds: roundToNanoseconds(track.startSeconds - firstVideoSeconds),
    durationSeconds: measured ?? track.durationSeconds ?? 0,
    labels: isMarked ? labels : { ...labels, dispositions: ['default', ...labels.dispositions] },
    loudness: preset.audio.loudness,
  };
}

type AudioForm = Pick<ResolvedAudio, 'encoder' | 'encoderArgs' | 'filters' | 'sampleRate' | 'channels'>;

function resolveForm(track: AudioTrack, preset: Preset): AudioForm {
  const { audio } = preset;
  switch (audio.codec) {
    case 'aac': {
      const sampleRate = aacRates.has(track.sampleRate) ? track.sampleRate : 48000;
      return resolveLossy(track, audio.bitrate, { encoder: 'aac', sampleFormat: 'fltp', sampleRate });
    }
    case 'opus': // RFC 6716: whatever went in, it decodes at 48 kHz
      return resolveLossy(track, audio.bitrate, { encoder: 'libopus', sampleFormat: 'flt', sampleRate: 48000 });
    case 'pcm':
    case 'flac':
      return resolvePcm(track, preset);
    default:
      return assertNever(audio);
  }
}

/** Stereo, or mono at half the bit rate. */
function resolveLossy(
  track: AudioTrack,
  stereoBitrate: number,
  { encoder, sampleFormat, sampleRate }: { encoder: string; sampleFormat: string; sampleRate: number },
): AudioForm {
  const channels = Math.min(track.channels, 2);
  const layout = channels === 1 ? 'mono' : 'stereo';
  return {
    encoder,
    encoderArgs: ['-b:a', String(channels === 1 ? Math.round(stereoBitrate / 2) : stereoBitrate)],
    filters: [
      `aresample=${sampleRate}:async=1:min_hard_comp=${clockJumpSeconds}:first_pts=0`,
      `aformat=sample_fmts=${sampleFormat}:sample_rates=${sampleRate}:channel_layouts=${layout}`,
    ],
    sampleRate,
    channels,
  };
}

function changeWarnings(track: AudioTrack, audio: ResolvedAudio, ofWhich: string): string[] {
  const warnings: string[] = [];
  if (audio.channels < track.channels) {
    warnings.push(`AUDIO_MIXED_DOWN: ${track.channels} audio channels${ofWhich} were mixed down to ${audio.channels}.`);
  }
  if (audio.sampleRate !== track.sampleRate) {
    const change = `from ${track.sampleRate} to ${audio.sampleRate} Hz`;
    warnings.push(`AUDIO_RESAMPLED: the sample rate${ofWhich} was changed ${change}.`);
  }
  return warnings;
}

/** Sums of decimal fractions: keeps 0.04 from becoming 0.040000000000006. */
function roundToNanoseconds(seconds: number): number {
  return Math.round(seconds * 1e9) / 1e9;
}
