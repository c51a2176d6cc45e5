import { AudioReport, checkSeams, EncodeReport } from '@reelmill/media';
import { BugError, FarmError, type JobId, type TaskId } from '@reelmill/protocol';
import type { TaskPlan, TaskResult, TaskState } from '@reelmill/scheduler';
import type { CoreContext } from '../coreContext.ts';
import type { ShelvedPlan } from './manifestShelf.ts';
import { taskIds } from './planTasks.ts';

/** Accepted results of everything a join needs, in the order of the plan. */
export interface JobResults {
  readonly encodes: readonly TaskResult[];
  /** One per audio track, in the order of the output. */
  readonly sounds: readonly { readonly name: string; readonly taskId: TaskId; readonly result: TaskResult }[];
  readonly sourceSha256: string;
}

/** A result that a later check proved bad. */
export interface Guilty {
  readonly taskId: TaskId;
  readonly error: FarmError;
}

/** Throws BugError unless every part is complete: the join depends on all of them. */
export function collectResults(context: CoreContext, jobId: JobId, plan: ShelvedPlan): JobResults {
  const { rendition } = plan.manifest;
  const result = (taskId: TaskId): TaskResult => completedResult(context.dispatcher.state().tasks.get(taskId), taskId);
  const hash = result(taskIds.hash(jobId)).report as { sha256: string };
  return {
    encodes: plan.manifest.chunks.map((chunk) => result(taskIds.encode(jobId, rendition, chunk.index))),
    sounds: plan.specs.audio.map(({ name }) => {
      const taskId = taskIds.audio(jobId, rendition, name);
      return { name, taskId, result: result(taskId) };
    }),
    sourceSha256: hash.sha256,
  };
}

/** What the audio tasks measured, in the order of the output. */
export const audioReports = ({ sounds }: JobResults): AudioReport[] =>
  sounds.map(({ result }) => AudioReport.parse(result.report));

/** What the manifest plans for an audio task. */
export function soundOf({ taskId, jobId }: TaskPlan, { manifest, specs }: ShelvedPlan) {
  return specs.audio.find(({ name }) => taskIds.audio(jobId, manifest.rendition, name) === taskId);
}

/** The result of a completed task and the attempt that won. */
export function completion(task: TaskState | undefined, taskId: TaskId): { result: TaskResult; attempt: number } {
  if (task?.phase.kind !== 'completed') throw new BugError(`${taskId} should be completed, is ${task?.phase.kind}`);
  return task.phase;
}

export const completedResult = (task: TaskState | undefined, taskId: TaskId): TaskResult =>
  completion(task, taskId).result;

/**
 * Checks of the whole that no single attempt can make: every fetched copy of the source was the source, and neighbours
 * agree about the frames at their seams (decision 4).
 */
export function findGuilty(context: CoreContext, jobId: JobId, plan: ShelvedPlan): Guilty[] {
  const results = collectResults(context, jobId, plan);
  const wrongCopies = guiltyOfWrongSource(jobId, plan, results);
  return wrongCopies.length > 0 ? wrongCopies : guiltyOfSeams(context, { jobId, plan, results });
}

function guiltyOfWrongSource(jobId: JobId, plan: ShelvedPlan, results: JobResults): Guilty[] {
  const { rendition } = plan.manifest;
  const parts = results.encodes.map((result, index) => ({ result, taskId: taskIds.encode(jobId, rendition, index) }));
  parts.push(...results.sounds);
  return parts
    .filter(({ result }) => result.sourceSha256 !== null && result.sourceSha256 !== results.sourceSha256)
    .map(({ result, taskId }) => ({
      taskId,
      error: new FarmError('STORAGE_CORRUPT', {
        message: `The copy of the source that ${result.nodeName} read does not match the original.`,
        details: { expected: results.sourceSha256, received: result.sourceSha256 },
      }),
    }));
}

function guiltyOfSeams(
  context: CoreContext,
  facts: { jobId: JobId; plan: ShelvedPlan; results: JobResults },
): Guilty[] {
  const { jobId, plan, results } = facts;
  const reports = results.encodes.map((result) => EncodeReport.parse(result.report));
  try {
    checkSeams(plan.manifest, reports);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof FarmError) || typeof thrown.details.chunkIndex !== 'number') throw thrown;
    const index = thrown.details.chunkIndex;
    const taskId = taskIds.encode(jobId, plan.manifest.rendition, index);
    const wasSuspected = (context.dispatcher.state().tasks.get(taskId)?.failures ?? 0) > 0;
    // Made again and still in disagreement: then its neighbour may be the wrong one.
    const suspects = wasSuspected && index > 0 ? [index - 1, index] : [index];
    const { rendition } = plan.manifest;
    return suspects.map((suspect) => ({ taskId: taskIds.encode(jobId, rendition, suspect), error: thrown }));
  }
}

/** Sends guilty results back to the farm; their dependents wait again. */
export async function reopenGuilty(context: CoreContext, guilty: readonly Guilty[]): Promise<void> {
  for (const { taskId, error } of guilty) {
    const task = context.dispatcher.state().tasks.get(taskId);
    if (task?.phase.kind !== 'completed') continue;
    context.logger.warn({ taskId, attempt: task.phase.attempt, code: error.code }, 'a result is made again');
    const { attempt } = task.phase;
    await context.dispatcher.run({ type: 'reopen-task', taskId, attempt, error: error.toData() });
  }
}
