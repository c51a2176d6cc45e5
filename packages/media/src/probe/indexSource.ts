import { FarmError } from '@reelmill/protocol';
import { inputGuardArgs, runFfprobe } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { cleanKeyframes } from './cleanKeyframes.ts';
import { countFrames } from './countFrames.ts';
import { readPlainMatroska } from './matroska/plainMatroska.ts';
import type { MediaInfo, SoundInfo } from './mediaInfo.ts';
import { readPlainMovie } from './movie/plainMovie.ts';
import { packetDoubt } from './packetDoubt.ts';
import { type PacketCollector, type PacketList, packetCollector, packetEntries } from './packetList.ts';
import { indexSecondsFor, readLimits, withinLimits } from './readLimits.ts';
import type { SourceIndex } from './sourceIndex.ts';

export interface IndexOptions extends RunOptions {
  /** Bytes of the source read so far; a second pass (counting by decoding) starts again from 0. */
  readonly onBytes?: (done: number, total: number) => void;
}

/** What FFprobe says when it reads past the end of a file. */
const pastEndOfFile = /partial file|File ended prematurely|truncating packet/i;

/**
 * Lists the frames of the chosen video track: one pass over the packets, and one decode where packets are no proof of
 * frames (interlaced, damaged, cut off at the start).
 * @throws FarmError SOURCE_TRUNCATED, DECODE_FAILED when not one frame comes out, MEDIA_LIMIT_EXCEEDED, CANCELED
 */
export async function indexSource(path: string, info: MediaInfo, options: IndexOptions): Promise<SourceIndex> {
  return indexPackets(await listPackets(path, info, options), { path, info }, options);
}

/** The index of packets that were listed already. @throws FarmError as `indexSource` */
export async function indexPackets(
  listed: ListedPackets,
  { path, info }: { path: string; info: MediaInfo },
  options: IndexOptions,
): Promise<SourceIndex> {
  return withinLimits(options, indexSecondsFor(info.sizeBytes), (limited) =>
    readIndex(listed, { path, info }, limited),
  );
}

async function readIndex(
  listed: ListedPackets,
  { path, info }: { path: string; info: MediaInfo },
  options: IndexOptions,
): Promise<SourceIndex> {
  const { byStream, errorLines } = listed;
  const list = byStream.get(info.video.index);
  if (!list) throw noFrames(path);
  const doubt = packetDoubt({ info, list, errorLines });
  const pts = Array.from(Float64Array.from(list.pts.filter((time) => Number.isFinite(time))).sort());
  const common = {
    streamIndex: info.video.index,
    packets: list.pts.length,
    droppedPackets: list.dropped,
    lastFrameTicks: list.durationByLatestPts.duration,
    videoBytes: list.bytes,
    audioEndSeconds: audioEndOf(info, listed),
  };
  if (doubt === null && pts.length > 0) {
    const cleanKeyframePts = await cleanKeyframes(path, list, { info, signal: options.signal });
    const keyframePts = keyframes(list);
    return { ...common, pts, keyframePts, cleanKeyframePts, evidence: 'packets', doubt: null, errorLines };
  }
  const counted = await count(path, info, { ...options, packets: list.pts.length });
  const resolved = counted.errorLines === 0 && clockRuns(list) && sameTimes(counted.pts, pts);
  return {
    ...common,
    pts: counted.pts,
    keyframePts: resolved ? keyframes(list) : [],
    cleanKeyframePts: [],
    evidence: 'decoded',
    doubt: resolved ? null : doubt,
    errorLines: errorLines + counted.errorLines,
  };
}

/** What one pass over the packets tells, whatever the tracks are. */
export interface ListedPackets {
  readonly byStream: PacketCollector['byStream'];
  readonly errorLines: number;
  /** By stream: seconds at which sound was seen to start; those that are missing have to be decoded. */
  readonly soundStarts: ReadonlyMap<number, number>;
}

/** What is known of a file before anything was asked of FFmpeg. */
export type FileFacts = Pick<MediaInfo, 'demuxer' | 'sizeBytes'>;

/** Needs no headers, so it may run beside their probe. @throws FarmError as `indexSource` */
export async function listPackets(path: string, file: FileFacts, options: IndexOptions): Promise<ListedPackets> {
  return withinLimits(options, indexSecondsFor(file.sizeBytes), async (limited) => {
    return (await readPlain(path, file, limited)) ?? listByFfprobe(path, file, limited);
  });
}

/** Plain files of these containers are read by their tables and heads of blocks; null for all others. */
const plainReaders = new Map([
  ['mov', readPlainMovie],
  ['matroska', readPlainMatroska],
]);

async function readPlain(path: string, file: FileFacts, options: IndexOptions): Promise<ListedPackets | null> {
  const readPlainFile = plainReaders.get(file.demuxer);
  if (readPlainFile === undefined) return null;
  const onBytes = (endByte: number) => options.onBytes?.(Math.min(endByte, file.sizeBytes), file.sizeBytes);
  const plain = await readPlainFile(path, { ...options, onBytes });
  if (plain !== null) onBytes(file.sizeBytes);
  return plain && { ...plain, errorLines: 0 };
}

/** All packets of all tracks, one pass of FFprobe over the file. @throws FarmError as `indexSource` */
export async function listByFfprobe(path: string, info: FileFacts, options: IndexOptions): Promise<ListedPackets> {
  let furthest = 0;
  let errorLines = 0;
  const stop = new AbortController();
  const collector = packetCollector((endByte) => {
    if (endByte > info.sizeBytes) stop.abort(truncated(path));
    if (endByte - furthest < 1024 * 1024) return;
    furthest = endByte;
    options.onBytes?.(Math.min(furthest, info.sizeBytes), info.sizeBytes);
  });
  const args = [...inputGuardArgs(info.demuxer), '-show_entries', packetEntries, '-of', 'csv=p=0', `file:${path}`];
  let packets = 0;
  await runFfprobe(
    args,
    { ...options, signal: AbortSignal.any([options.signal, stop.signal]) },
    {
      failureCode: 'UNSUPPORTED_MEDIA',
      onStdoutLine: (line) => {
        packets += 1;
        if (packets <= readLimits.packets) collector.add(line);
        else stop.abort(tooManyPackets(path));
      },
      onStderrLine: (line) => {
        errorLines += 1;
        if (pastEndOfFile.test(line)) stop.abort(truncated(path));
      },
    },
  );
  options.onBytes?.(info.sizeBytes, info.sizeBytes);
  return { byStream: collector.byStream, errorLines, soundStarts: new Map() };
}

async function count(path: string, info: MediaInfo, options: IndexOptions & { packets: number }) {
  const counted = await countFrames(path, info, {
    ...options,
    onFrames: (frames) => {
      const share = Math.min(1, frames / Math.max(1, options.packets));
      if (frames % 25 === 0) options.onBytes?.(Math.floor(share * info.sizeBytes), info.sizeBytes);
    },
  });
  if (counted.pts.length === 0) throw noFrames(path);
  return counted;
}

const truncated = (path: string) =>
  new FarmError('SOURCE_TRUNCATED', {
    message: `${path} ends before its own index says it should.`,
    details: { path },
  });

const tooManyPackets = (path: string) =>
  new FarmError('MEDIA_LIMIT_EXCEEDED', {
    message: `${path} holds more than ${readLimits.packets / 1e6} million packets.`,
    details: { path, packets: readLimits.packets },
  });

const noFrames = (path: string) =>
  new FarmError('DECODE_FAILED', { message: `No frame of ${path} could be decoded.`, details: { path } });

const keyframes = (list: PacketList) => list.pts.filter((_, at) => list.isKey[at]).sort((a, b) => a - b);
const clockRuns = (list: PacketList) => list.dts.every((dts, at) => at === 0 || dts >= (list.dts[at - 1] ?? dts));
const sameTimes = (one: readonly number[], other: readonly number[]) =>
  one.length === other.length && one.every((time, at) => time === other[at]);

/** Of the default track, container's own time; null without audio or timestamps. */
export function audioEndOf(info: SoundInfo, { byStream }: ListedPackets): number | null {
  const track = info.audioTracks.find((one) => one.isDefault) ?? info.audioTracks[0];
  return audioEnd(info, track && byStream.get(track.index));
}

function audioEnd(info: SoundInfo, audio: PacketList | undefined): number | null {
  const track = info.audioTracks.find((candidate) => candidate.isDefault) ?? info.audioTracks[0];
  if (!audio || !track?.timeBase || !Number.isFinite(audio.durationByLatestPts.pts)) return null;
  const endTicks = audio.durationByLatestPts.pts + audio.durationByLatestPts.duration;
  return (endTicks * track.timeBase.num) / track.timeBase.den;
}
