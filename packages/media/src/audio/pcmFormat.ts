import type { Preset } from '@reelmill/protocol';
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
  const kept = { filters: [], sampleRate: track.sampleRate, channels: track.channels };
  const format = track.sampleFormat.replace(/p$/, '');
  if (preset.container === 'mov') return { ...kept, ...integerPcm(format) };
  if (preset.audio.codec === 'flac' && fitsFlac(track, format)) return { ...kept, ...flac(format) };
  return { ...kept, encoder: losslessPcm[format] ?? 'pcm_f64le', encoderArgs: [] };
}

function integerPcm(format: string): Pick<AudioForm, 'encoder' | 'encoderArgs' | 'filters'> {
  const encoder = format === 's16' || format === 'u8' ? 'pcm_s16le' : 'pcm_s24le';
  return { encoder, encoderArgs: [], filters: ['aresample=async=1:min_hard_comp=0.02:first_pts=0'] };
}

function fitsFlac(track: AudioTrack, format: string): boolean {
  if (track.channels > flacMaxChannels) return false;
  return format === 's16' || (format === 's32' && track.bitsPerRawSample !== null && track.bitsPerRawSample <= 24);
}

function flac(format: string): Pick<AudioForm, 'encoder' | 'encoderArgs'> {
  const bits = format === 's16' ? [] : ['-bits_per_raw_sample', '24'];
  return { encoder: 'flac', encoderArgs: ['-compression_level', '5', ...bits] };
}
