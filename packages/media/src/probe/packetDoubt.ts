import type { MediaInfo } from './mediaInfo.ts';
import type { PacketList } from './packetList.ts';

/** Codecs whose packets are frames whatever the field order says: each packet is one intra-coded frame. */
export const intraOnlyCodecs: ReadonlySet<string> = new Set([
  'dvvideo',
  'prores',
  'dnxhd',
  'mjpeg',
  'ffv1',
  'huffyuv',
  'ffvhuff',
  'rawvideo',
  'utvideo',
  'v210',
  'cfhd',
  'qtrle',
  'png',
  'jpeg2000',
  'magicyuv',
  'hap',
]);

/** Codecs for which packets = frames was proven on real clips, as long as nothing else speaks against it. */
const framePerPacketCodecs = new Set([
  ...intraOnlyCodecs,
  'h264',
  'hevc',
  'av1',
  'vp8',
  'vp9',
  'mpeg1video',
  'mpeg2video',
  'theora',
]);

export interface PacketFacts {
  readonly info: MediaInfo;
  readonly list: PacketList;
  readonly errorLines: number;
}

/**
 * Says why the packets of a track cannot be taken for its frames, or null when nothing speaks against it
 * (decision 7). Pure: evidence of the index only.
 */
export function packetDoubt({ info, list, errorLines }: PacketFacts): string | null {
  const byHeader = trackDoubt(info.video);
  if (byHeader !== null) return byHeader;
  if (list.corrupt > 0 || errorLines > 0) {
    return 'the video stream is damaged: which pictures come out depends on where decoding starts';
  }
  if (list.pts.some((pts) => !Number.isFinite(pts))) {
    return 'some frames have no timestamp, so no exact place for a cut can be named';
  }
  return orderDoubt(list);
}

/** The doubts that the header alone already raises; a count by decoding may still clear them. */
export function trackDoubt({ codec, fieldOrder }: MediaInfo['video']): string | null {
  const interlaced = fieldOrder !== null && fieldOrder !== 'progressive' && !intraOnlyCodecs.has(codec);
  if (interlaced) {
    return 'the picture is interlaced and may be coded as separate fields: a cut could part the two halves of a frame';
  }
  if (framePerPacketCodecs.has(codec)) return null;
  return `the codec ${codec} need not store one frame per packet, so a cut could miss a frame`;
}

function orderDoubt(list: PacketList): string | null {
  const firstKey = list.isKey.indexOf(true);
  const startsInside = list.dropped > 0 && list.droppedKeyframes > 0;
  if (firstKey < 0 && !startsInside) return 'no frame is marked as one from which decoding can start';
  if (firstKey !== 0 && !startsInside)
    return 'the file starts in the middle of a group of pictures, before anything can be decoded';
  const keyPts = list.pts[firstKey] ?? Number.POSITIVE_INFINITY;
  if (!startsInside && list.pts.some((pts) => pts < keyPts)) {
    return 'frames are shown before the first key frame, from which alone decoding can start';
  }
  if (hasEqualTimes(list.pts)) return 'two packets share one timestamp, so no cut between them can be named';
  const backwards = list.dts.some((dts, at) => at > 0 && dts < (list.dts[at - 1] ?? Number.NEGATIVE_INFINITY));
  return backwards ? 'the clock of the file jumps back, so a time does not name one frame' : null;
}

/** Numbers of a typed array sort without a function to compare them: films hold hundreds of thousands. */
function hasEqualTimes(pts: readonly number[]): boolean {
  return Float64Array.from(pts)
    .sort()
    .some((time, at, sorted) => time === sorted[at - 1]);
}
