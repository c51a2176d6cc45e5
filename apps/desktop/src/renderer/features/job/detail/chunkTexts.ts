import type { AttemptView, ChunkView, JobView } from '@reelmill/protocol';
import type { ShownState } from '../../../ui/chunkPainter.ts';
import { clockLength, framesPerSecond, unknown } from '../../../ui/format.ts';

/** A chunk as it is shown: one whose node is away says so. */
export type ShownChunk = Omit<ChunkView, 'state'> & { readonly state: ShownState };

export function shownChunks(chunks: readonly ChunkView[], offline: ReadonlySet<string>): readonly ShownChunk[] {
  if (offline.size === 0) return chunks;
  return chunks.map((chunk) => {
    const runs = chunk.state === 'encoding' || chunk.state === 'uploading';
    return runs && chunk.node !== null && offline.has(chunk.node) ? { ...chunk, state: 'offline' as const } : chunk;
  });
}

/** Seconds of one frame of the film; null: not known yet. */
export const secondsPerFrame = ({ durationSeconds, sourceFrames }: JobView): number | null =>
  durationSeconds !== null && sourceFrames !== null && sourceFrames > 0 ? durationSeconds / sourceFrames : null;

/** `00:01:00.000–00:02:00.000`. */
export function timeRange(job: JobView, { firstFrame, endFrame }: Pick<ChunkView, 'firstFrame' | 'endFrame'>): string {
  const perFrame = secondsPerFrame(job);
  return perFrame === null ? unknown : `${clockLength(firstFrame * perFrame)}–${clockLength(endFrame * perFrame)}`;
}

/** The attempt that is meant when a state is read: of a chunk that waits again, the coming one. */
export const tryNumber = ({ state, attempt }: Pick<ShownChunk, 'state' | 'attempt'>): number =>
  state === 'retry' ? attempt + 1 : attempt;

/** One sentence: place, timecode, state, attempt, node. */
export function describeChunk(job: JobView, chunk: ShownChunk): string {
  const parts = [`Chunk ${chunk.index + 1} of ${job.chunks.length}`, timeRange(job, chunk), chunk.state];
  if (job.presets.length > 1) parts.splice(1, 0, chunk.rendition);
  if (chunk.state === 'encoding') parts.push(`${Math.floor(chunk.percent)} %`);
  if (chunk.attempt > 0) parts.push(`try ${tryNumber(chunk)}`);
  if (chunk.node) parts.push(chunk.node);
  if (chunk.fps > 0) parts.push(`${framesPerSecond(chunk.fps)} fps`);
  return parts.join(' · ');
}

/** `#12`, or the name of a task without a chunk. */
export const taskLabel = ({ kind, chunkIndex }: Pick<AttemptView, 'kind' | 'chunkIndex'>): string =>
  chunkIndex === null ? kind : `#${chunkIndex + 1}`;

/** When the attempt began to work; null: it has not, or nobody wrote it down. */
export const startOf = ({ steps, grantedAt }: AttemptView): number | null => {
  const at = steps[0]?.at ?? grantedAt;
  return at === null ? null : Date.parse(at);
};

export const secondsText = (seconds: number): string =>
  seconds < 60
    ? `${seconds.toFixed(1)} s`
    : `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;

/** How long an attempt worked, or works. */
export function tookText(attempt: AttemptView, nowMs: number): string {
  const from = startOf(attempt);
  if (from === null) return unknown;
  const until = attempt.endedAt === null ? nowMs : Date.parse(attempt.endedAt);
  return secondsText(Math.max(0, (until - from) / 1000));
}

/** In words, for tables and the inspector. */
export function endText({ state, reason, error }: AttemptView): string {
  if (error !== null) return error.code;
  return reason ?? state;
}
