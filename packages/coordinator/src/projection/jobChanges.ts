import { isDeepStrictEqual } from 'node:util';
import type { ChunkView, FarmChange, JobView } from '@reelmill/protocol';

type JobFields = Extract<FarmChange, { kind: 'job-changed' }>['fields'];

/** By identity where possible: what did not change is mostly the same object. */
export const same = (left: unknown, right: unknown): boolean => left === right || isDeepStrictEqual(left, right);

function changedFields(before: JobView, after: JobView): JobFields {
  const names = (Object.keys(after) as (keyof JobView)[]).filter((name) => name !== 'chunks' && name !== 'jobId');
  return Object.fromEntries(
    names.filter((name) => !same(before[name], after[name])).map((name) => [name, after[name]]),
  ) as JobFields;
}

function changedChunks(before: readonly ChunkView[], after: readonly ChunkView[]): ChunkView[] {
  if (before === after) return [];
  return after.filter((chunk, position) => !same(before[position], chunk));
}

/** Only what changed of one job; a map that shrank cannot be told by index and is sent as a new job at its place. */
export function jobChanges(before: JobView, after: JobView, placeOf: () => number): FarmChange[] {
  if (after.chunks.length < before.chunks.length) {
    return [
      { kind: 'job-removed', jobId: after.jobId },
      { kind: 'job-added', job: after, at: placeOf() },
    ];
  }
  const fields = changedFields(before, after);
  const chunks = changedChunks(before.chunks, after.chunks);
  if (Object.keys(fields).length === 0 && chunks.length === 0) return [];
  return [{ kind: 'job-changed', jobId: after.jobId, fields, chunks }];
}
