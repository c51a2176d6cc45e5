import { z } from 'zod';
import { AttemptNumber, JobId, NodeId, RenditionId, TaskId } from './ids.ts';
import { TaskKind } from './task.ts';

/** What an attempt does, in the order it does it; those of agents are `fetch`, `encode`, `upload`. */
export const AttemptStep = z.enum([
  'fetch',
  'encode',
  'upload',
  'probe',
  'index',
  'hash',
  'join',
  'verify',
  'publish',
  'package',
]);
export type AttemptStep = z.infer<typeof AttemptStep>;

/** When each step of an attempt began, ISO 8601 by the coordinator's clock. */
export const StepTimes = z.array(z.object({ step: AttemptStep, at: z.string() })).max(16);
export type StepTimes = z.infer<typeof StepTimes>;

/**
 * `waiting`: granted ahead of time, its node has not begun. `lost`: its node or the way to it was at fault. `returned`:
 * its node gave it back. `stopped`: not needed any more. `rejected`: it was accepted, and proved bad later.
 */
export const AttemptState = z.enum([
  'waiting',
  'running',
  'completed',
  'failed',
  'lost',
  'returned',
  'stopped',
  'rejected',
]);
export type AttemptState = z.infer<typeof AttemptState>;

/** One attempt of one task, from its grant to its end. Times are the coordinator's; null: not known (older journals). */
export const AttemptView = z.object({
  taskId: TaskId,
  kind: TaskKind,
  rendition: RenditionId.nullable(),
  /** Place within its rendition, from 0. */
  chunkIndex: z.number().int().nonnegative().nullable(),
  attempt: AttemptNumber,
  nodeId: z.union([NodeId, z.literal('house')]),
  /** Name of the node, or of the coordinator. */
  node: z.string(),
  state: AttemptState,
  grantedAt: z.string().nullable(),
  steps: StepTimes,
  endedAt: z.string().nullable(),
  /** Why it was lost or returned, in the scheduler's word. */
  reason: z.string().nullable(),
  error: z.object({ code: z.string(), cause: z.string(), fix: z.string() }).nullable(),
});
export type AttemptView = z.infer<typeof AttemptView>;

export const StageName = z.enum([
  'fetch',
  'probe',
  'index',
  'hash',
  'encode',
  'sound',
  'upload',
  'verify',
  'join',
  'check',
  'publish',
  'package',
]);
export type StageName = z.infer<typeof StageName>;

/** One stage of a job's way: how much of it is done, and from when to when. */
export const StageView = z.object({
  stage: StageName,
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  done: z.number().int().nonnegative(),
  total: z.number().int().nonnegative(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
});
export type StageView = z.infer<typeof StageView>;

/** What a job did and does: told on request, and while someone looks. */
export const JobHistory = z.object({
  jobId: JobId,
  /** The coordinator's clock when this was made: what runs is measured against it. */
  now: z.string(),
  stages: z.array(StageView),
  /** By grant, oldest first. */
  attempts: z.array(AttemptView),
  /** Older attempts that are left out. */
  omitted: z.number().int().nonnegative(),
  sourceBytes: z.number().nullable(),
  /** Of accepted results, and published files in their place. */
  madeBytes: z.number(),
});
export type JobHistory = z.infer<typeof JobHistory>;

/** A change of a watched history: only the attempts that are new or changed. */
export const JobHistoryPatch = JobHistory.omit({ omitted: true, sourceBytes: true });
export type JobHistoryPatch = z.infer<typeof JobHistoryPatch>;

/** Attempts of one history; older ones are left out. */
export const mostAttempts = 20_000;

const attemptName = ({ taskId, attempt }: Pick<AttemptView, 'taskId' | 'attempt'>): string => `${taskId}#${attempt}`;

/** The history after a change. */
export function applyHistoryPatch(history: JobHistory, patch: JobHistoryPatch): JobHistory {
  if (patch.jobId !== history.jobId) return history;
  const changed = new Map(patch.attempts.map((attempt) => [attemptName(attempt), attempt]));
  const attempts = history.attempts.map((attempt) => {
    const next = changed.get(attemptName(attempt));
    changed.delete(attemptName(attempt));
    return next ?? attempt;
  });
  const { now, stages, madeBytes } = patch;
  const all = [...attempts, ...changed.values()];
  const omitted = history.omitted + Math.max(0, all.length - mostAttempts);
  return { ...history, now, stages, madeBytes, omitted, attempts: all.slice(-mostAttempts) };
}

/** Attempts at one chunk, oldest first. Renditions that are encoded together share them. */
export function attemptsOfChunk(
  attempts: readonly AttemptView[],
  chunk: { readonly rendition: RenditionId; readonly chunkIndex: number },
): AttemptView[] {
  const there = attempts.filter(
    ({ kind, chunkIndex }) => (kind === 'encode' || kind === 'extract') && chunkIndex === chunk.chunkIndex,
  );
  const own = there.filter(({ rendition }) => rendition === chunk.rendition);
  return own.length > 0 ? own : there;
}
