import type { H264Parameters, PictureParameters } from './h264Parameters.ts';
import type { ByteSpan, NearbyRead } from './nearbyReader.ts';
import { BitsEnded, RawBits, unescaped } from './rawBits.ts';

/** Nearly always enough, and nearly nothing to read. */
const shortHeadBytes = 256;
/** What precedes the first slice, and its header, take less, as a rule; a longer one is not plain. */
const longHeadBytes = 4096;

/** Types of NAL units (ITU-T H.264, table 7-1) that a plain frame holds. */
const nal = { slice: 1, refresh: 5, information: 6, sequenceSet: 7, pictureSet: 8, delimiter: 9, filler: 12 } as const;
/** Messages (annex D) whose content FFmpeg's parser does not check, and the one that marks a place to start at. */
const userData = 5;
const recoveryPoint = 6;

/** `h264Picture` of a frame that lies in a file: as little of it is read as tells. */
export function readH264Picture(
  read: NearbyRead,
  frame: { readonly position: number; readonly size: number },
  parameters: H264Parameters,
): 'key' | 'other' | null {
  const { position, size } = frame;
  const kind = h264Picture(headOf(read, position, Math.min(size, shortHeadBytes)), size, parameters);
  if (kind !== null || size <= shortHeadBytes) return kind;
  return h264Picture(headOf(read, position, Math.min(size, longHeadBytes)), size, parameters);
}

/** No more than was asked for, so that what is found does not depend on what lay near. */
function headOf(read: NearbyRead, position: number, length: number): ByteSpan {
  const { bytes, start, end } = read(position, length);
  return { bytes, start, end: Math.min(end, start + length) };
}

/**
 * What FFmpeg's parser makes of a frame: a key frame (refresh or recovery point) or another. It reads up to the first
 * slice's header, and so does this. Null for whatever it could complain about, and for what is not plain: fields, other
 * messages than user data, parameter sets that are not those of the header.
 * @param frame the frame, or its beginning; what follows it is not looked at
 */
export function h264Picture(frame: ByteSpan, frameBytes: number, parameters: H264Parameters): 'key' | 'other' | null {
  const { bytes, start } = frame;
  const last = Math.min(frame.end, start + frameBytes);
  let isRecovery = false;
  let at = start;
  while (at + 5 <= last) {
    const end = at + 4 + bytes.readUInt32BE(at);
    const header = bytes[at + 4] ?? 0xff;
    const type = header & 31;
    if (end <= at + 4 || end > start + frameBytes || header >= 0x80) return null;
    if (type === nal.slice || type === nal.refresh) {
      const isSound = isSliceSound(new RawBits(bytes, at + 5, Math.min(end, last)), {
        isRefresh: type === nal.refresh,
        isReference: header >= 0x20,
        parameters,
      });
      return isSound ? (isRecovery || type === nal.refresh ? 'key' : 'other') : null;
    }
    // what precedes the slice has to lie in front of us whole
    if (end > last) return null;
    if (type === nal.information) {
      const message = informationKind(bytes.subarray(at + 5, end));
      if (message === null) return null;
      isRecovery ||= message === 'recovery';
    } else if (type === nal.sequenceSet || type === nal.pictureSet) {
      if (!parameters.sets.some((set) => set.equals(bytes.subarray(at + 4, end)))) return null;
    } else if (type !== nal.delimiter && type !== nal.filler) return null;
    at = end;
  }
  return null;
}

/** Messages of one NAL unit (7.3.2.3). */
function informationKind(payload: Buffer): 'recovery' | 'other' | null {
  const bytes = unescaped(payload);
  let found: 'recovery' | 'other' = 'other';
  let at = 0;
  // the last byte is the stop bit
  while (at < bytes.length - 1) {
    const type = bytes[at] ?? 0xff;
    const size = bytes[at + 1] ?? 0xff;
    let start = at + 2;
    let length = size;
    while (bytes[start - 1] === 0xff && start < bytes.length) {
      length += bytes[start] ?? 0;
      start += 1;
    }
    if ((type !== userData && type !== recoveryPoint) || start + length > bytes.length - 1) return null;
    if (type === recoveryPoint) {
      if (!isRecoverySound(bytes.subarray(start, start + length))) return null;
      found = 'recovery';
    }
    at = start + length;
  }
  return bytes[bytes.length - 1] === 0x80 ? found : null;
}

function isRecoverySound(message: Uint8Array): boolean {
  return parsed(() => new RawBits(message).exponential() <= 2 ** 16);
}

interface SliceKind {
  readonly isRefresh: boolean;
  readonly isReference: boolean;
  readonly parameters: H264Parameters;
}

function isSliceSound(bits: RawBits, kind: SliceKind): boolean {
  return parsed(() => readSlice(bits, kind));
}

/** A header that ends too early is not sound. */
function parsed(read: () => boolean): boolean {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof BitsEnded) return false;
    throw thrown;
  }
}

/** 7.3.3, as far as FFmpeg's parser reads it. */
function readSlice(bits: RawBits, { isRefresh, isReference, parameters }: SliceKind): boolean {
  bits.exponential(); // first macroblock
  const type = bits.exponential();
  const picture = parameters.pictures.get(bits.exponential());
  if (type > 9 || picture === undefined) return false;
  bits.unsigned(picture.frameNumberBits);
  if (isRefresh) bits.exponential();
  if (picture.orderType === 0) {
    bits.unsigned(picture.orderBits);
    if (picture.hasOrderDelta) bits.signedExponential();
  } else if (!picture.orderIsFixed) {
    bits.signedExponential();
    if (picture.hasOrderDelta) bits.signedExponential();
  }
  if (picture.isRedundancyCounted) bits.exponential();
  return isRefresh || !isReference || readMarking(bits, type % 5, picture);
}

const slice = { predicted: 0, interpolated: 1, intra: 2, switchingPredicted: 3 } as const;

/** Reference lists, weights, and which frames stay references (7.3.3.1 to 7.3.3.3). */
function readMarking(bits: RawBits, type: number, picture: PictureParameters): boolean {
  const isInterpolated = type === slice.interpolated;
  const isPredicted = type === slice.predicted || type === slice.switchingPredicted;
  if (isInterpolated) bits.bit();
  if (isInterpolated || isPredicted) {
    const counts = bits.flag()
      ? [1 + bits.exponential(), isInterpolated ? 1 + bits.exponential() : 1]
      : picture.references;
    const lists = isInterpolated ? counts : counts.slice(0, 1);
    if (Math.max(...lists) > 16 || !lists.every((count) => readOrder(bits, count))) return false;
    const hasWeights = isInterpolated ? picture.weightsInterpolated : picture.weightsPredicted;
    if (hasWeights && !readWeights(bits, lists, picture.hasChroma)) return false;
  }
  return !bits.flag() || readOperations(bits);
}

function readOrder(bits: RawBits, references: number): boolean {
  if (!bits.flag()) return true;
  for (let at = 0; at <= references; at += 1) {
    const operation = bits.exponential();
    if (operation === 3) return true;
    if (operation > 3 || at === references) return false;
    bits.exponential();
  }
  return false;
}

function readWeights(bits: RawBits, lists: readonly number[], hasChroma: boolean): boolean {
  if (bits.exponential() > 7 || (hasChroma && bits.exponential() > 7)) return false;
  const isByte = (value: number) => value >= -128 && value <= 127;
  for (const count of lists) {
    for (let reference = 0; reference < count; reference += 1) {
      for (const pairs of hasChroma ? [1, 2] : [1]) {
        if (!bits.flag()) continue;
        for (let value = 0; value < 2 * pairs; value += 1) if (!isByte(bits.signedExponential())) return false;
      }
    }
  }
  return true;
}

/** What each operation is followed by: so many numbers. */
const operationNumbers = [0, 1, 1, 2, 1, 0, 1];
const mostOperations = 66;

function readOperations(bits: RawBits): boolean {
  for (let at = 0; at < mostOperations; at += 1) {
    const operation = bits.exponential();
    const numbers = operationNumbers[operation];
    if (operation === 0) return true;
    if (numbers === undefined) return false;
    for (let number = 0; number < numbers; number += 1) bits.exponential();
  }
  return false;
}
