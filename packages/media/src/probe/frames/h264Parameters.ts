import { BitsEnded, RawBits } from './rawBits.ts';

/** What slice headers depend on (ITU-T H.264, 7.3.2.1 and 7.3.2.2): progressive pictures in one plane set only. */
export interface PictureParameters {
  readonly frameNumberBits: number;
  readonly orderType: number;
  readonly orderBits: number;
  readonly orderIsFixed: boolean;
  readonly hasChroma: boolean;
  readonly hasOrderDelta: boolean;
  readonly isRedundancyCounted: boolean;
  /** Of the two lists. */
  readonly references: readonly [number, number];
  readonly weightsPredicted: boolean;
  readonly weightsInterpolated: boolean;
}

/** Parameter sets of a track by number, and their bytes as they lie in the header. */
export interface H264Parameters {
  readonly pictures: ReadonlyMap<number, PictureParameters>;
  readonly sets: readonly Buffer[];
}

type Sequence = Pick<PictureParameters, 'frameNumberBits' | 'orderType' | 'orderBits' | 'orderIsFixed' | 'hasChroma'>;

/**
 * Parameter sets of an `avcC` box (ISO/IEC 14496-15, 5.3.3.1). Null for anything but 4-byte NAL unit lengths and
 * progressive pictures, and for what does not parse.
 */
export function h264Parameters(configuration: Buffer): H264Parameters | null {
  try {
    return parametersOf(configuration);
  } catch (thrown) {
    if (thrown instanceof BitsEnded || thrown instanceof RangeError) return null;
    throw thrown;
  }
}

function parametersOf(configuration: Buffer): H264Parameters | null {
  if (configuration.readUInt8(0) !== 1 || (configuration.readUInt8(4) & 3) !== 3) return null;
  const sequenceSets = setsAt(configuration, 6, configuration.readUInt8(5) & 31);
  const pictureSets = setsAt(configuration, sequenceSets.end + 1, configuration.readUInt8(sequenceSets.end));
  const sequences = new Map<number, Sequence>();
  for (const bytes of sequenceSets.sets) {
    const read = sequenceSet(new RawBits(bytes.subarray(1)));
    if (read === null || bytes.readUInt8(0) % 32 !== 7) return null;
    sequences.set(...read);
  }
  const pictures = new Map<number, PictureParameters>();
  for (const bytes of pictureSets.sets) {
    const read = pictureSet(new RawBits(bytes.subarray(1)), sequences);
    if (read === null || bytes.readUInt8(0) % 32 !== 8) return null;
    pictures.set(...read);
  }
  return { pictures, sets: [...sequenceSets.sets, ...pictureSets.sets] };
}

/** @throws RangeError where they do not fit */
function setsAt(bytes: Buffer, start: number, count: number): { sets: Buffer[]; end: number } {
  const sets: Buffer[] = [];
  let at = start;
  for (let set = 0; set < count; set += 1) {
    const length = bytes.readUInt16BE(at);
    if (length < 4 || at + 2 + length > bytes.length) throw new RangeError('a parameter set ends too late');
    sets.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return { sets, end: at };
}

/** Profiles whose sets state chroma format and depth (7.3.2.1.1). */
const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

function sequenceSet(bits: RawBits): [number, Sequence] | null {
  const profile = bits.unsigned(8);
  bits.unsigned(16);
  const id = bits.exponential();
  const chroma = highProfiles.has(profile) ? chromaFormat(bits) : 1;
  const frameNumberBits = 4 + bits.exponential();
  const orderType = bits.exponential();
  if (id > 31 || chroma === null || frameNumberBits > 16 || orderType > 2) return null;
  const orderBits = orderType === 0 ? 4 + bits.exponential() : 0;
  const orderIsFixed = orderType === 1 ? readCycle(bits) : true;
  bits.exponential(); // reference frames
  bits.bit();
  bits.exponential(); // width
  bits.exponential(); // height
  const isProgressive = bits.flag();
  if (orderBits > 16 || orderIsFixed === null || !isProgressive) return null;
  return [id, { frameNumberBits, orderType, orderBits, orderIsFixed, hasChroma: chroma !== 0 }];
}

/** null for planes coded as pictures of their own, and for values out of range. */
function chromaFormat(bits: RawBits): number | null {
  const format = bits.exponential();
  if (format > 3 || (format === 3 && bits.flag())) return null;
  bits.exponential(); // luma depth
  bits.exponential(); // chroma depth
  bits.bit();
  if (bits.flag()) skipScalingLists(bits, format === 3 ? 12 : 8);
  return format;
}

function skipScalingLists(bits: RawBits, lists: number): void {
  for (let list = 0; list < lists; list += 1) {
    if (!bits.flag()) continue;
    let [last, next] = [8, 8];
    for (let at = 0; at < (list < 6 ? 16 : 64) && next !== 0; at += 1) {
      next = (last + bits.signedExponential() + 256) & 255;
      last = next === 0 ? last : next;
    }
  }
}

/** Order of type 1: a flag and a list of distances. */
function readCycle(bits: RawBits): boolean | null {
  const isFixed = bits.flag();
  bits.signedExponential();
  bits.signedExponential();
  const length = bits.exponential();
  if (length > 255) return null;
  for (let at = 0; at < length; at += 1) bits.signedExponential();
  return isFixed;
}

function pictureSet(bits: RawBits, sequences: ReadonlyMap<number, Sequence>): [number, PictureParameters] | null {
  const id = bits.exponential();
  const sequence = sequences.get(bits.exponential());
  bits.bit();
  const hasOrderDelta = bits.flag();
  const sliceGroups = 1 + bits.exponential();
  if (id > 255 || sequence === undefined || sliceGroups > 1) return null;
  const references = [1 + bits.exponential(), 1 + bits.exponential()] as const;
  if (Math.max(...references) > 16) return null;
  const weightsPredicted = bits.flag();
  const weights = bits.unsigned(2);
  for (let skipped = 0; skipped < 3; skipped += 1) bits.signedExponential();
  bits.unsigned(2);
  const isRedundancyCounted = bits.flag();
  const weightsInterpolated = weights === 1;
  const rest = { hasOrderDelta, isRedundancyCounted, references, weightsPredicted, weightsInterpolated };
  return weights > 2 ? null : [id, { ...sequence, ...rest }];
}
