import type { SourceIndex } from '../probe/sourceIndex.ts';

/** Containers in which reaching a frame from the middle was proven exact on real files. */
const provenSeekable: Readonly<Record<string, string>> = { mov: 'MP4', matroska: 'Matroska', mpegts: 'MPEG-TS' };

export interface WholeQuestion {
  readonly demuxer: string;
  readonly index: SourceIndex;
  readonly chunkCount: number;
  readonly chunkSeconds: number;
}

/** Why a source goes whole to one node, a sentence for people; null: it can be cut (decision 7). */
export function wholeReason({ demuxer, index, chunkCount, chunkSeconds }: WholeQuestion): string | null {
  if (index.doubt !== null) return sentence(index.doubt);
  if (!(demuxer in provenSeekable)) {
    return `Frames in the middle of ${demuxer} files cannot be reached exactly.`;
  }
  if (index.keyframePts.length === 0) return 'No key frame is known to start from.';
  if (index.pts.some((time, at) => at > 0 && time <= (index.pts[at - 1] ?? time))) {
    return 'Two frames share one timestamp.';
  }
  if (chunkCount < 2) return `The film is shorter than two chunks of ${Number(chunkSeconds.toFixed(3))} s.`;
  return null;
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
