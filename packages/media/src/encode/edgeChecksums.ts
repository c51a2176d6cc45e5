import { FarmError } from '@reelmill/protocol';
import type { EdgeChecksum, EncodeReport, EncodeSpec } from '../manifest.ts';
import type { EncodeLog, ShownFrame } from './encodeLog.ts';

type PlannedFrame = EncodeSpec['edges']['before'][number];

/**
 * Names the frames whose checksums FFmpeg printed: exactly the planned ones, by timestamp.
 * @throws FarmError OVERLAP_MISMATCH: a frame too many, too few, or at another time (a seek that landed late, a trim
 * that cut elsewhere).
 */
export function edgeChecksums({ chunk, edges }: EncodeSpec, log: EncodeLog): Pick<EncodeReport, 'before' | 'last'> {
  return {
    before: nameFrames(edges.before, log.before, { chunkIndex: chunk.index, where: 'before' }),
    last: nameFrames(edges.last, log.last, { chunkIndex: chunk.index, where: 'at the end of' }),
  };
}

function nameFrames(
  planned: readonly PlannedFrame[],
  shown: readonly ShownFrame[],
  { chunkIndex, where }: { chunkIndex: number; where: string },
): EdgeChecksum[] {
  const matches = planned.length === shown.length && planned.every(({ pts }, at) => shown[at]?.pts === pts);
  if (!matches) {
    throw new FarmError('OVERLAP_MISMATCH', {
      message: `The frames ${where} chunk ${chunkIndex} are not the planned ones.`,
      details: { chunkIndex, planned, shown },
    });
  }
  return planned.map(({ frame }, at) => ({ frame, checksum: shown[at]?.checksum ?? '' }));
}
