import { FarmError } from '@reelmill/protocol';
import type { Rational } from '../manifest.ts';
import { runFfprobe } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';

/** Packets of one stream in file order; times in ticks of `timeBase`. */
export interface StreamPackets {
  /** FFmpeg's `codec_type`; `cover` for an attached picture, whose packets are not listed. */
  readonly codecType: string;
  readonly codec: string;
  readonly timeBase: Rational;
  readonly pts: readonly number[];
  readonly dts: readonly number[];
  readonly durations: readonly number[];
  /** Presented: not dropped by an edit list (flag `D`). */
  readonly shown: readonly boolean[];
}

interface Collected {
  pts: number[];
  dts: number[];
  durations: number[];
  shown: boolean[];
}

/**
 * Lists all packets of a finished file, one pass of ffprobe over its index and headers, without decoding.
 * @throws FarmError VERIFY_FAILED where the file cannot be read or a packet has no timestamp.
 */
export async function readPackets(path: string, run: RunOptions): Promise<StreamPackets[]> {
  const packets = new Map<number, Collected>();
  const streams: StreamPackets[] = [];
  const entries =
    'packet=stream_index,pts,dts,duration,flags:stream=index,codec_name,codec_type,time_base:stream_disposition=attached_pic';
  await runFfprobe(['-show_entries', entries, '-of', 'compact=nokey=0', `file:${path}`], run, {
    failureCode: 'VERIFY_FAILED',
    onStdoutLine: (line) => {
      const [section, ...pairs] = line.split('|');
      const fields = new Map(pairs.map((pair) => splitPair(pair)));
      if (section === 'packet') addPacket(packets, fields);
      if (section === 'stream') streams.push(streamOf(fields, packets));
    },
  });
  assertTimed(streams, path);
  return streams;
}

function assertTimed(streams: readonly StreamPackets[], path: string): void {
  for (const [streamIndex, { pts }] of streams.entries()) {
    const packet = pts.findIndex((time) => !Number.isFinite(time));
    if (packet < 0) continue;
    const details = { path, streamIndex, packet };
    throw new FarmError('VERIFY_FAILED', { message: 'A packet of the file has no timestamp.', details });
  }
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

function addPacket(packets: Map<number, Collected>, fields: Map<string, string>): void {
  const index = Number(fields.get('stream_index'));
  let collected = packets.get(index);
  if (!collected) {
    collected = { pts: [], dts: [], durations: [], shown: [] };
    packets.set(index, collected);
  }
  const pts = Number(fields.get('pts') ?? Number.NaN);
  const dts = Number(fields.get('dts') ?? Number.NaN);
  const duration = Number(fields.get('duration') ?? Number.NaN);
  collected.pts.push(pts);
  collected.dts.push(Number.isFinite(dts) ? dts : pts);
  collected.durations.push(Number.isFinite(duration) ? duration : 0);
  collected.shown.push(!(fields.get('flags') ?? '').includes('D'));
}

function streamOf(fields: Map<string, string>, packets: Map<number, Collected>): StreamPackets {
  const [num, den] = (fields.get('time_base') ?? '1/1').split('/').map(Number);
  const isCover = fields.get('disposition:attached_pic') === '1';
  const listed = isCover ? undefined : packets.get(Number(fields.get('index')));
  return {
    ...(listed ?? { pts: [], dts: [], durations: [], shown: [] }),
    codecType: isCover ? 'cover' : (fields.get('codec_type') ?? ''),
    codec: fields.get('codec_name') ?? '',
    timeBase: { num: num ?? 1, den: den ?? 1 },
  };
}

/** What libopus puts before the sound (RFC 7845 "pre-skip"); Matroska states it for the track, on no packet. */
const opusPreSkipSeconds = 312 / 48_000;

/** First presented sample or frame, seconds; null for an empty stream. */
export function firstShownSeconds(stream: StreamPackets): number | null {
  let first: number | null = null;
  for (const [at, pts] of stream.pts.entries()) {
    if (stream.shown[at] && (first === null || pts < first)) first = pts;
  }
  if (first === null) return null;
  const preSkipSeconds = stream.codec === 'opus' ? opusPreSkipSeconds : 0;
  return (first * stream.timeBase.num) / stream.timeBase.den + preSkipSeconds;
}

/** From the first presented packet to the end of the last, seconds. */
export function shownLengthSeconds(stream: StreamPackets): number {
  const first = firstShownSeconds(stream);
  const last = stream.pts.length - 1;
  if (first === null) return 0;
  const end = (stream.pts[last] ?? 0) + (stream.durations[last] ?? 0);
  return (end * stream.timeBase.num) / stream.timeBase.den - first;
}
