import type { SourceIndex } from '../probe/sourceIndex.ts';
import { containerName } from './containerName.ts';

/** Containers in which reaching a frame from the middle was proven exact on real files. */
const provenSeekable: ReadonlySet<string> = new Set(['mov', 'matroska', 'mpegts']);

/** Whether frames in the middle of such files are reached exactly; where not, no index changes the decision. */
export const canBeCut = (demuxer: string): boolean => provenSeekable.has(demuxer);

export interface WholeQuestion {
  readonly demuxer: string;
  readonly index: SourceIndex;
  readonly chunkCount: number;
  readonly chunkSeconds: number;
  readonly durationSeconds: number;
}

/** Why a source goes whole to one node, a sentence for people; null: it can be cut (decision 7). */
export function wholeReason(question: WholeQuestion): string | null {
  const { demuxer, index, chunkCount, chunkSeconds, durationSeconds } = question;
  if (index.doubt !== null) return sentence(index.doubt);
  if (!canBeCut(demuxer)) {
    return `Seeking in ${containerName(demuxer)} files is not proven exact, so a cut could lose or repeat frames.`;
  }
  if (index.keyframePts.length === 0) return 'No key frame is known from which decoding could start.';
  if (index.pts.some((time, at) => at > 0 && time <= (index.pts[at - 1] ?? time))) {
    return 'Two frames share one timestamp, so no cut between them can be named.';
  }
  if (chunkCount >= 2) return null;
  const length = `${Number(chunkSeconds.toFixed(3))} s`;
  return chunkSeconds < durationSeconds
    ? `The film is shorter than two chunks of ${length}: cutting it would gain nothing.`
    : `The film is no longer than one chunk of ${length}: there is nothing to cut.`;
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
