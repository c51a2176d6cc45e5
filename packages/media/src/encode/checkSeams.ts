import { FarmError } from '@reelmill/protocol';
import type { EdgeChecksum, EncodeReport, Manifest } from '../manifest.ts';

/**
 * The overlap proof over all chunks of a rendition (decision 4). Chunk 0 starts unseeked; each further chunk must have
 * decoded the same frames before its cut as its neighbour decoded before its end. Pure.
 * @param reports in the order of the plan's chunks
 * @throws FarmError FRAME_COUNT, TIMESTAMPS_WRONG, CHUNKS_INCOMPATIBLE, OVERLAP_MISMATCH, each with `chunkIndex`
 */
export function checkSeams(manifest: Manifest, reports: readonly EncodeReport[]): void {
  if (reports.length !== manifest.chunks.length) {
    throw new FarmError('FRAME_COUNT', {
      message: `${reports.length} chunks were reported instead of the planned ${manifest.chunks.length}.`,
    });
  }
  const known = new Map<number, string>();
  for (const [chunkIndex, report] of reports.entries()) {
    checkCount(manifest, chunkIndex, report);
    if (report.extradataSha256 !== reports[0]?.extradataSha256) {
      throw new FarmError('CHUNKS_INCOMPATIBLE', {
        message: `Chunk ${chunkIndex} was made with other encoder settings than chunk 0.`,
        details: { chunkIndex },
      });
    }
    if (chunkIndex > 0) checkOverlap(chunkIndex, report.before, known);
    for (const { frame, checksum } of report.last) known.set(frame, checksum);
  }
}

function checkCount(manifest: Manifest, chunkIndex: number, report: EncodeReport): void {
  const chunk = manifest.chunks[chunkIndex];
  const planned = chunk ? chunk.end - chunk.first : 0;
  if (report.frames !== planned) {
    throw new FarmError('FRAME_COUNT', {
      message: `Chunk ${chunkIndex} holds ${report.frames} frames instead of the planned ${planned}.`,
      details: { chunkIndex, planned, found: report.frames },
    });
  }
  if (chunk && report.firstPts === chunk.firstPts) return;
  throw new FarmError('TIMESTAMPS_WRONG', {
    message: `Chunk ${chunkIndex} begins at another time than planned.`,
    details: { chunkIndex, planned: chunk?.firstPts, found: report.firstPts },
  });
}

function checkOverlap(chunkIndex: number, before: readonly EdgeChecksum[], known: ReadonlyMap<number, string>): void {
  const wrong = before.find(({ frame, checksum }) => known.get(frame) !== checksum);
  if (before.length > 0 && !wrong) return;
  throw new FarmError('OVERLAP_MISMATCH', {
    message: `Chunks ${chunkIndex - 1} and ${chunkIndex} disagree about the frames at their seam.`,
    details: { chunkIndex, frame: wrong?.frame ?? null },
  });
}
