import { type FileHandle, open } from 'node:fs/promises';
import { BugError } from '@reelmill/protocol';
import { type Box, childBoxes, findBoxes, readBytes } from '../assemble/boxes.ts';
import { codecName } from './codecName.ts';

/** One movie fragment of a track file: the bytes that players fetch, and what they hold. */
export interface Fragment {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly samples: number;
  /** Earliest presentation time and the end of the latest frame, ticks. */
  readonly firstPts: number;
  readonly endPts: number;
  /** In decode order, which of its samples are key frames. */
  readonly keyFrames: readonly number[];
}

/** A fragmented MP4 file with one track and an index of its fragments, read from its own boxes. */
export interface TrackFile {
  /** RFC 6381. */
  readonly codec: string;
  readonly timescale: number;
  readonly sizeBytes: number;
  /** The header (`ftyp`, `moov`) is all that comes before the index. */
  readonly indexOffset: number;
  readonly indexSizeBytes: number;
  readonly fragments: readonly Fragment[];
}

interface TopBox extends Box {
  readonly offset: number;
}

/**
 * Reads what playlists must say of a file written with `packageArgs` (ISO/IEC 14496-12, 8.8 and 8.16).
 * @throws BugError where it has another form.
 */
export async function readTrackFile(path: string): Promise<TrackFile> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const boxes = withOffsets(await childBoxes(file, 0, size));
    const [index, ...more] = boxes.filter(({ type }) => type === 'sidx');
    const [header] = await findBoxes(file, ['moov', 'trak', 'mdia', 'mdhd']);
    const [defaults] = await findBoxes(file, ['moov', 'mvex', 'trex']);
    if (!index || more.length > 0 || !header || !defaults) throw new BugError(`${path} is no track file`);
    const fragments: Fragment[] = [];
    const rest = boxes.filter(({ offset }) => offset >= index.end);
    for (let at = 0; at < rest.length; at += 2) {
      fragments.push(await readFragment(file, [rest[at], rest[at + 1]], await readBytes(file, defaults.start, 24)));
    }
    const codec = await codecName(file);
    const [indexOffset, indexSizeBytes] = [index.offset, index.end - index.offset];
    return {
      codec,
      timescale: await timescaleOf(file, header),
      sizeBytes: size,
      indexOffset,
      indexSizeBytes,
      fragments,
    };
  } finally {
    await file.close();
  }
}

function withOffsets(boxes: readonly Box[]): TopBox[] {
  return boxes.map((box, at) => ({ ...box, offset: boxes[at - 1]?.end ?? 0 }));
}

async function timescaleOf(file: FileHandle, header: Box): Promise<number> {
  const bytes = await readBytes(file, header.start, 24);
  return bytes.readUInt32BE(bytes[0] === 1 ? 20 : 12);
}

async function readFragment(
  file: FileHandle,
  [movie, data]: readonly (TopBox | undefined)[],
  trackDefaults: Buffer,
): Promise<Fragment> {
  if (movie?.type !== 'moof' || data?.type !== 'mdat') throw new BugError('a fragment is a header and its data');
  const boxes = boxesIn(await readBytes(file, movie.start, movie.end - movie.start));
  const track = boxesIn(contentOf(boxes, 'traf'));
  const runs = track.filter(({ type }) => type === 'trun');
  const defaults = defaultsOf(contentOf(track, 'tfhd'), trackDefaults);
  let decodeTime = Number(contentOf(track, 'tfdt').readBigUInt64BE(4));
  let [firstPts, endPts, samples] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  const keyFrames: number[] = [];
  for (const run of runs) {
    for (const { duration, flags, delay } of samplesOf(run.content, defaults)) {
      firstPts = Math.min(firstPts, decodeTime + delay);
      endPts = Math.max(endPts, decodeTime + delay + duration);
      if ((flags & isNoKeyFrame) === 0) keyFrames.push(samples);
      decodeTime += duration;
      samples += 1;
    }
  }
  return { offset: movie.offset, sizeBytes: data.end - movie.offset, samples, firstPts, endPts, keyFrames };
}

/** `sample_is_non_sync_sample` (8.8.3.1). */
const isNoKeyFrame = 0x10000;

interface Defaults {
  readonly duration: number;
  readonly flags: number;
}

/** What `tfhd` says, else `trex` (8.8.3, 8.8.7): its optional fields come in this order. */
function defaultsOf(header: Buffer, trackDefaults: Buffer): Defaults {
  const flags = header.readUInt32BE(0);
  let at = 8;
  const next = (bit: number, bytes: number): number | null => {
    if ((flags & bit) === 0) return null;
    at += bytes;
    return at - bytes;
  };
  next(0x1, 8);
  next(0x2, 4);
  const [duration, , sampleFlags] = [next(0x8, 4), next(0x10, 4), next(0x20, 4)];
  return {
    duration: duration === null ? trackDefaults.readUInt32BE(12) : header.readUInt32BE(duration),
    flags: sampleFlags === null ? trackDefaults.readUInt32BE(20) : header.readUInt32BE(sampleFlags),
  };
}

/** The samples of a `trun` (8.8.8). */
function* samplesOf(run: Buffer, defaults: Defaults): Generator<Defaults & { readonly delay: number }> {
  const flags = run.readUInt32BE(0);
  const has = (bit: number): boolean => (flags & bit) !== 0;
  let at = 8 + (has(0x1) ? 4 : 0);
  const next = (bit: number): number | null => {
    if (!has(bit)) return null;
    at += 4;
    return at - 4;
  };
  const firstFlags = next(0x4);
  const count = run.readUInt32BE(4);
  for (let sample = 0; sample < count; sample += 1) {
    const [duration, , own, delay] = [next(0x100), next(0x200), next(0x400), next(0x800)];
    const flagsAt = own ?? (sample === 0 ? firstFlags : null);
    yield {
      duration: duration === null ? defaults.duration : run.readUInt32BE(duration),
      flags: flagsAt === null ? defaults.flags : run.readUInt32BE(flagsAt),
      delay: delay === null ? 0 : run.readInt32BE(delay),
    };
  }
}

interface Content {
  readonly type: string;
  readonly content: Buffer;
}

function boxesIn(bytes: Buffer): Content[] {
  const boxes: Content[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > bytes.length) throw new BugError('a box of a fragment is cut off');
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), content: bytes.subarray(at + 8, at + size) });
    at += size;
  }
  return boxes;
}

function contentOf(boxes: readonly Content[], type: string): Buffer {
  const box = boxes.find((one) => one.type === type);
  if (!box) throw new BugError(`a fragment lacks ${type}`);
  return box.content;
}
