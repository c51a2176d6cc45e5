import { FarmError } from '@reelmill/protocol';
import type { z } from 'zod';
import type { Rational } from '../manifest.ts';
import { mostPixels } from '../process/runFfmpeg.ts';
import { hdr10Of } from './hdr10.ts';
import { type AudioTrackInfo, MediaInfo, SoundInfo, type VideoTrack } from './mediaInfo.ts';
import { isStill, labelsOf, parseExtras } from './parseExtras.ts';
import { ProbeAnswer, type ProbedStream as Stream } from './probeAnswer.ts';

/**
 * Reads FFprobe's JSON (`-show_streams -show_format -show_chapters`). The video track is the one with default
 * disposition, else the first; attached pictures never (decision 6).
 * @throws FarmError NO_VIDEO, UNSUPPORTED_MEDIA
 */
export function parseProbe(json: unknown, file: { demuxer: string; sizeBytes: number }): MediaInfo {
  const answer = fitting(ProbeAnswer, json);
  const pictures = answer.streams.filter((stream) => stream.codec_type === 'video' && !isStill(stream));
  const chosen = chooseVideo(pictures);
  if (!chosen) throw new FarmError('NO_VIDEO', { details: { streams: answer.streams.length } });
  return fitting(MediaInfo, {
    ...commonFacts(answer, file),
    video: videoTrack(chosen),
    extras: parseExtras({ ...answer, tags: answer.format.tags }, chosen),
  });
}

/**
 * Reads made-up headers. The first reading costs some 50 ms more than others, because the schemas are compiled then: a
 * coordinator does that before somebody waits for it.
 */
export function warmProbe(): void {
  const common = { time_base: '1/50', disposition: { default: 1 }, tags: { language: 'und' } };
  const video = { codec_type: 'video', codec_name: 'h264', width: 2, height: 2, pix_fmt: 'yuv420p', nb_frames: '1' };
  const audio = { codec_type: 'audio', codec_name: 'aac', sample_rate: '48000', channels: 2, sample_fmt: 'fltp' };
  const streams = [video, audio].map((stream, index) => ({ ...common, ...stream, index }));
  const format = { start_time: '0', duration: '1', tags: { title: '' } };
  parseProbe({ streams, chapters: [], format }, { demuxer: 'mov', sizeBytes: 1 });
}

/**
 * The same for a preset that takes the sound alone: nothing is asked of a picture, all of them are `otherVideo`.
 * @throws FarmError NO_AUDIO, UNSUPPORTED_MEDIA
 */
export function parseSoundProbe(json: unknown, file: { demuxer: string; sizeBytes: number }): SoundInfo {
  const answer = fitting(ProbeAnswer, json);
  const extras = parseExtras({ ...answer, tags: answer.format.tags }, null);
  const info = fitting(SoundInfo, { ...commonFacts(answer, file), extras });
  if (info.audioTracks.length === 0) throw new FarmError('NO_AUDIO', { details: { streams: answer.streams.length } });
  return info;
}

const commonFacts = (answer: ProbeAnswer, file: { demuxer: string; sizeBytes: number }) => ({
  ...file,
  containerStartSeconds: decimal(answer.format.start_time) ?? 0,
  durationSeconds: decimal(answer.format.duration),
  videoTracks: answer.streams.filter((stream) => stream.codec_type === 'video' && !isStill(stream)).length,
  audioTracks: answer.streams.filter(isAudio).map(audioTrack),
  subtitleTracks: answer.streams.filter((stream) => stream.codec_type === 'subtitle').length,
  chapters: answer.chapters.length,
});

/** Broken headers may state anything: what does not fit is no media, not a fault of ours. */
function fitting<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FarmError('UNSUPPORTED_MEDIA', {
    message: 'The headers of the file are broken: they state impossible values.',
    details: { issues: parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`) },
  });
}

/** Several tracks may be marked default (d18): then FFmpeg's own rule, the largest picture, the first of equals. */
function chooseVideo(pictures: readonly Stream[]): Stream | undefined {
  const area = (stream: Stream) => (stream.width ?? 0) * (stream.height ?? 0);
  const marked = pictures.filter((stream) => stream.disposition.default === 1);
  return marked.toSorted((a, b) => area(b) - area(a))[0] ?? pictures[0];
}

const isAudio = (stream: Stream) =>
  stream.codec_type === 'audio' && Number(stream.sample_rate) > 0 && (stream.channels ?? 0) > 0;

function videoTrack(stream: Stream): VideoTrack {
  const { width, height, pix_fmt: pixelFormat, codec_name: codec } = stream;
  if ((width ?? 0) * (height ?? 0) > mostPixels) {
    throw new FarmError('MEDIA_LIMIT_EXCEEDED', {
      message: `The picture is ${width} by ${height} pixels large; the farm takes up to 8192 by 8192.`,
      details: { width, height, mostPixels },
    });
  }
  if (!width || !height || !pixelFormat || !codec) {
    throw new FarmError('UNSUPPORTED_MEDIA', {
      message: 'The video track cannot be decoded: its codec, size or pixel format is unknown.',
      details: { codec, width, height, pixelFormat },
    });
  }
  return {
    index: stream.index,
    codec,
    profile: stream.profile === undefined ? null : String(stream.profile),
    pixelFormat,
    width,
    height,
    sampleAspectRatio: ratio(stream.sample_aspect_ratio, ':') ?? { num: 1, den: 1 },
    timeBase: ratio(stream.time_base, '/') ?? { num: 1, den: 90_000 },
    averageFrameRate: rate(stream.avg_frame_rate),
    fieldOrder: known(stream.field_order),
    rotationClockwise: rotation(stream),
    mirrored: isMirrored(stream),
    colorRange: known(stream.color_range),
    colorSpace: known(stream.color_space),
    colorTransfer: known(stream.color_transfer),
    colorPrimaries: known(stream.color_primaries),
    hdr10: hdr10Of(stream.side_data_list),
    headerFrames: decimal(stream.nb_frames),
    durationSeconds: decimal(stream.duration),
    bitRate: decimal(stream.bit_rate),
  };
}

function audioTrack(stream: Stream): AudioTrackInfo {
  const bits = decimal(stream.bits_per_raw_sample);
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    sampleFormat: stream.sample_fmt ?? 'fltp',
    bitsPerRawSample: bits === null || bits === 0 ? null : bits,
    sampleRate: Number(stream.sample_rate),
    channels: stream.channels ?? 1,
    isDefault: stream.disposition.default === 1,
    timeBase: ratio(stream.time_base, '/'),
    startSeconds: decimal(stream.start_time) ?? 0,
    durationSeconds: decimal(stream.duration),
    channelLayout: known(stream.channel_layout),
    hasSamples: true,
    labels: labelsOf(stream),
  };
}

/** FFprobe counts counter-clockwise; only quarter turns are turns of the picture. */
function rotation(stream: Stream): number {
  const degrees = stream.side_data_list.find((side) => side.rotation !== undefined)?.rotation ?? 0;
  const clockwise = (((Math.round(-degrees / 90) * 90) % 360) + 360) % 360;
  return Math.abs(degrees % 90) < 1 || Math.abs(degrees % 90) > 89 ? clockwise : 0;
}

/** FFprobe prints the matrix as three numbered rows `a b u`, `c d v`, `x y w`; a negative determinant mirrors. */
function isMirrored(stream: Stream): boolean {
  const text = stream.side_data_list.find((side) => side.displaymatrix !== undefined)?.displaymatrix ?? '';
  const rows = [...text.matchAll(/^\d+:\s+(-?\d+)\s+(-?\d+)/gm)].map(([, first, second]) =>
    [first, second].map(Number),
  );
  const [[a = 1, b = 0] = [], [c = 0, d = 1] = []] = rows;
  return a * d - b * c < 0;
}

function decimal(text: string | undefined): number | null {
  const value = Number(text);
  return text === undefined || text === '' || !Number.isFinite(value) ? null : value;
}

function known(text: string | undefined): string | null {
  return text === undefined || text === 'unknown' || text === 'und' || text === 'reserved' ? null : text;
}

function ratio(text: string | undefined, separator: string): Rational | null {
  const [num, den] = (text ?? '').split(separator).map(Number);
  return Number.isInteger(num) && Number.isInteger(den) && num && den && num > 0 && den > 0 ? { num, den } : null;
}

function rate(text: string | undefined): number | null {
  const fraction = ratio(text, '/');
  return fraction === null ? null : fraction.num / fraction.den;
}
