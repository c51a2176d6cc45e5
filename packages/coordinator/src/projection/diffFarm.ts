import { isDeepStrictEqual } from 'node:util';
import type { ChunkView, FarmChange, FarmView, JobView, NodeView } from '@reelmill/protocol';

type JobFields = Extract<FarmChange, { kind: 'job-changed' }>['fields'];

const same = (left: unknown, right: unknown): boolean => left === right || isDeepStrictEqual(left, right);

function changedFields(before: JobView, after: JobView): JobFields {
  const names = (Object.keys(after) as (keyof JobView)[]).filter((name) => name !== 'chunks' && name !== 'jobId');
  return Object.fromEntries(
    names.filter((name) => !same(before[name], after[name])).map((name) => [name, after[name]]),
  ) as JobFields;
}

const changedChunks = (before: readonly ChunkView[], after: readonly ChunkView[]): ChunkView[] =>
  after.filter((chunk, position) => !same(before[position], chunk));

/** Only what changed of one job; a map that shrank cannot be told by index and is sent as a new job. */
function jobChanges(before: JobView, after: JobView, at: number): FarmChange[] {
  if (before === after) return [];
  if (after.chunks.length < before.chunks.length) {
    return [
      { kind: 'job-removed', jobId: after.jobId },
      { kind: 'job-added', job: after, at },
    ];
  }
  const fields = changedFields(before, after);
  const chunks = changedChunks(before.chunks, after.chunks);
  if (Object.keys(fields).length === 0 && chunks.length === 0) return [];
  return [{ kind: 'job-changed', jobId: after.jobId, fields, chunks }];
}

function queueChanges(before: readonly JobView[], after: readonly JobView[]): FarmChange[] {
  const kept = new Set(after.map((job) => job.jobId));
  const known = new Map(before.map((job) => [job.jobId, job]));
  const changes: FarmChange[] = before
    .filter((job) => !kept.has(job.jobId))
    .map((job) => ({ kind: 'job-removed', jobId: job.jobId }));
  const order = before.filter((job) => kept.has(job.jobId)).map((job) => job.jobId);
  const takeOff = (from: number): void => {
    for (const jobId of order.splice(from, 1)) changes.push({ kind: 'job-removed', jobId });
  };
  after.forEach((job, at) => {
    // one that went further down is taken off, not all those it stood before
    if (order[at] !== job.jobId && order[at + 1] === job.jobId) takeOff(at);
    const old = known.get(job.jobId);
    if (old !== undefined && order[at] === job.jobId) {
      changes.push(...jobChanges(old, job, at));
      return;
    }
    const from = old === undefined ? -1 : order.indexOf(job.jobId, at);
    if (from >= 0) takeOff(from);
    changes.push({ kind: 'job-added', job, at });
    order.splice(at, 0, job.jobId);
  });
  return changes;
}

/**
 * A patch appends unknown nodes, so one that left and came back between two patches is now further down: it and all
 * that should follow it are taken off first.
 */
function nodeChanges(before: readonly NodeView[], after: readonly NodeView[]): FarmChange[] {
  const known = new Map(before.map((node) => [node.nodeId, node]));
  const kept = new Set(after.map((node) => node.nodeId));
  const order = before.filter((node) => kept.has(node.nodeId)).map((node) => node.nodeId);
  const firstMoved = after.findIndex((node, position) => order[position] !== node.nodeId);
  const staying = new Set(order.slice(0, firstMoved === -1 ? undefined : firstMoved));
  const removed = before.filter((node) => !staying.has(node.nodeId));
  const changed = after.filter((node) => !staying.has(node.nodeId) || !same(known.get(node.nodeId), node));
  return [
    ...removed.map((node): FarmChange => ({ kind: 'node-removed', nodeId: node.nodeId })),
    ...changed.map((node): FarmChange => ({ kind: 'node-changed', node })),
  ];
}

/** Changes that turn `before` into `after` by `applyPatch`: only fields, chunks and rows that differ. */
export function diffFarm(before: FarmView, after: FarmView): FarmChange[] {
  const stats: FarmChange[] = same(before.stats, after.stats) ? [] : [{ kind: 'stats-changed', stats: after.stats }];
  return [...queueChanges(before.jobs, after.jobs), ...nodeChanges(before.nodes, after.nodes), ...stats];
}
