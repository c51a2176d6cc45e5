import { FarmError, type Preset } from '@reelmill/protocol';
import type { ResolvedAudio } from '../manifest.ts';
import type { AudioTrack } from './audioTrack.ts';

type AudioForm = Pick<ResolvedAudio, 'encoder' | 'encoderArgs' | 'filters' | 'sampleRate' | 'channels'>;

/** PCM that holds every value of a decoded sample format (FFmpeg `-sample_fmts`). */
const losslessPcm: Readonly<Record<string, string>> = {
  u8: 'pcm_u8',
  s16: 'pcm_s16le',
  s32: 'pcm_s32le',
  flt: 'pcm_f32le',
  dbl: 'pcm_f64le',
};
/** FLAC's own limit (RFC 9639). */
const flacMaxChannels = 8;

/**
 * Sound of presets without a lossy codec. In Matroska the decoded samples are preserved bit for bit, so the encoder
 * follows the decoder's sample format. In QuickTime editors want integer PCM: 16 bits, or 24 where the source has more.
 */
export function resolvePcm(track: AudioTrack, preset: Preset): AudioForm {
  // what changes the loudness counts samples: gaps of the source's clock are filled before
  const filters = preset.audio.loudness === null ? [] : [gapFilter];
  const kept = { filters, sampleRate: track.sampleRate, channels: track.channels };
  const format = track.sampleFormat.replace(/p$/, '');
  if (preset.container === 'mov' || preset.container === 'wav') return { ...kept, ...integerPcm(format) };
  if (preset.container === 'flac') return { ...kept, ...flacFile(track, format) };
  if (preset.audio.codec === 'flac' && fitsFlac(track, format)) return { ...kept, ...flac(format) };
  return { ...kept, encoder: losslessPcm[format] ?? 'pcm_f64le', encoderArgs: [] };
}

const gapFilter = 'aresample=async=1:min_hard_comp=0.02:first_pts=0';

function integerPcm(format: string): Pick<AudioForm, 'encoder' | 'encoderArgs' | 'filters'> {
  const encoder = format === 's16' || format === 'u8' ? 'pcm_s16le' : 'pcm_s24le';
  return { encoder, encoderArgs: [], filters: [gapFilter] };
}

/** A FLAC file holds nothing but FLAC: more bits than 24, and floating point, become 24. */
function flacFile({ channels }: AudioTrack, format: string): Pick<AudioForm, 'encoder' | 'encoderArgs' | 'filters'> {
  if (channels > flacMaxChannels) {
    const message = `A FLAC file holds up to ${flacMaxChannels} channels; this track has ${channels}.`;
    throw new FarmError('PRESET_UNSUITABLE', { message, details: { channels } });
  }
  const isNarrow = format === 's16' || format === 'u8';
  const samples = `aformat=sample_fmts=${isNarrow ? 's16' : 's32'}`;
  return { ...flac(isNarrow ? 's16' : 's32'), filters: [gapFilter, samples] };
}

function fitsFlac(track: AudioTrack, format: string): boolean {
  if (track.channels > flacMaxChannels) return false;
  return format === 's16' || (format === 's32' && track.bitsPerRawSample !== null && track.bitsPerRawSample <= 24);
}

function flac(format: string): Pick<AudioForm, 'encoder' | 'encoderArgs'> {
  const bits = format === 's16' ? [] : ['-bits_per_raw_sample', '24'];
  return { encoder: 'flac', encoderArgs: ['-compression_level', '5', ...bits] };
}
