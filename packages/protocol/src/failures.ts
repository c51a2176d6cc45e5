import { z } from 'zod';
import { ErrorData } from './farmError.ts';
import { JobId, NodeId, RenditionId, TaskId } from './ids.ts';
import { TaskKind } from './task.ts';

/** What ended a failed job: the task out of attempts, with the places it was tried at. */
export const DeadLetter = z.object({
  jobId: JobId,
  /** Shown name of the job. */
  name: z.string(),
  /** Null where the job failed before it had tasks. */
  task: z
    .object({
      taskId: TaskId,
      kind: TaskKind,
      rendition: RenditionId.nullable(),
      chunkIndex: z.number().int().nullable(),
      attempts: z.number().int(),
      failedOn: z.array(NodeId),
    })
    .nullable(),
  error: ErrorData,
  failedAt: z.string().nullable(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** Dead letters of one cause: the same code, and the same message but for its numbers, names and paths. */
export const FailureGroup = z.object({
  /** Stable while the cause is the same: `ENCODE_FAILED-1a2b3c4d`. */
  groupId: z.string(),
  /** Of the newest of them. */
  error: ErrorData,
  letters: z.array(DeadLetter).min(1),
});
export type FailureGroup = z.infer<typeof FailureGroup>;

/** Which dead letters are meant: ids of groups, jobs or tasks. */
const Selection = z.object({ which: z.array(z.string().min(1).max(200)).min(1).max(1000) });

/** `avoid`: nodes that shall not do it again while others are there; `failed-nodes`: those that failed it. */
export const RetryFailures = Selection.extend({
  avoid: z.union([z.literal('failed-nodes'), z.array(NodeId).max(1000)]).optional(),
});
export type RetryFailures = z.infer<typeof RetryFailures>;
export const GiveUpFailures = Selection;
export type GiveUpFailures = z.infer<typeof GiveUpFailures>;

/** The jobs that it was done to. */
export const FailuresChanged = z.object({ jobIds: z.array(JobId) });
export type FailuresChanged = z.infer<typeof FailuresChanged>;
