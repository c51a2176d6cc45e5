import { AudioReport, checkSeams, EncodeReport, type Manifest, SharedEncodeReport } from '@reelmill/media';
import { type Artifact, BugError, FarmError, type JobId, type TaskId } from '@reelmill/protocol';
import type { TaskPlan, TaskResult, TaskState } from '@reelmill/scheduler';
import type { CoreContext } from '../coreContext.ts';
import type { ShelvedFilm } from './manifestShelf.ts';
import { taskIds } from './planTasks.ts';

/** Accepted results of everything a join needs, in the order of the plan. */
export interface JobResults {
  readonly encodes: readonly EncodedChunk[];
  /** One per audio track, in the order of the output. */
  readonly sounds: readonly { readonly name: string; readonly taskId: TaskId; readonly result: TaskResult }[];
  readonly sourceSha256: string;
}

/** One chunk of one rendition, whether its task made only this or several renditions at once. */
export interface EncodedChunk {
  readonly taskId: TaskId;
  readonly attempt: number;
  readonly result: TaskResult;
  readonly artifact: Artifact;
  readonly report: EncodeReport;
}

/** A result that a later check proved bad. */
export interface Guilty {
  readonly taskId: TaskId;
  readonly error: FarmError;
}

/** Throws BugError unless every part is complete: the join depends on all of them. */
export function collectResults(context: CoreContext, jobId: JobId, plan: ShelvedFilm): JobResults {
  const result = (taskId: TaskId): TaskResult => completedResult(context.dispatcher.state().tasks.get(taskId), taskId);
  const hash = result(taskIds.hash(jobId)).report as { sha256: string };
  return {
    encodes: encodedChunks(context, jobId, plan.manifest),
    sounds: plan.specs.audio.map(({ name }) => {
      const taskId = taskIds.audio(jobId, plan.manifest, name);
      return { name, taskId, result: result(taskId) };
    }),
    sourceSha256: hash.sha256,
  };
}

/** What the audio tasks measured, in the order of the output. */
export const audioReports = ({ sounds }: JobResults): AudioReport[] =>
  sounds.map(({ result }) => AudioReport.parse(result.report));

/** Throws BugError unless every chunk is complete. */
export function encodedChunks(context: CoreContext, jobId: JobId, manifest: Manifest): EncodedChunk[] {
  const { rendition, encodedWith } = manifest;
  return manifest.chunks.map(({ index }) => {
    const taskId = taskIds.encode(jobId, manifest, index);
    const { result, attempt } = completion(context.dispatcher.state().tasks.get(taskId), taskId);
    const at = Math.max(0, encodedWith.indexOf(rendition));
    const artifact = result.artifacts[at];
    const report = encodeReports(result.report)[at];
    if (artifact === undefined || report === undefined) throw new BugError(`${taskId} lacks ${rendition}`);
    return { taskId, attempt, result, artifact, report };
  });
}

/** The reports of an encode task, one per rendition it made. */
export function encodeReports(report: unknown): EncodeReport[] {
  const shared = SharedEncodeReport.safeParse(report);
  return shared.success ? shared.data.parts : [EncodeReport.parse(report)];
}

/** What the manifest plans for an audio task. */
export function soundOf({ taskId, jobId }: TaskPlan, { manifest, specs }: ShelvedFilm) {
  return specs.audio.find(({ name }) => taskIds.audio(jobId, manifest, name) === taskId);
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
export function findGuilty(context: CoreContext, jobId: JobId, plan: ShelvedFilm): Guilty[] {
  const results = collectResults(context, jobId, plan);
  const wrongCopies = guiltyOfWrongSource([...results.encodes, ...results.sounds], results.sourceSha256);
  return wrongCopies.length > 0 ? wrongCopies : guiltyOfSeams(context, plan, results);
}

/** Parts that were made of a fetched copy that was not the source. */
export function guiltyOfWrongSource(
  parts: readonly { readonly taskId: TaskId; readonly result: TaskResult }[],
  sourceSha256: string,
): Guilty[] {
  return parts
    .filter(({ result }) => result.sourceSha256 !== null && result.sourceSha256 !== sourceSha256)
    .map(({ result, taskId }) => ({
      taskId,
      error: new FarmError('STORAGE_CORRUPT', {
        message: `The copy of the source that ${result.nodeName} read does not match the original.`,
        details: { expected: sourceSha256, received: result.sourceSha256 },
      }),
    }));
}

function guiltyOfSeams(context: CoreContext, plan: ShelvedFilm, { encodes }: JobResults): Guilty[] {
  const suspect = (index: number): TaskId[] => encodes.slice(index, index + 1).map(({ taskId }) => taskId);
  try {
    checkSeams(
      plan.manifest,
      encodes.map(({ report }) => report),
    );
    return [];
  } catch (thrown) {
    if (!(thrown instanceof FarmError) || typeof thrown.details.chunkIndex !== 'number') throw thrown;
    const index = thrown.details.chunkIndex;
    const failures = (taskId: TaskId): number => context.dispatcher.state().tasks.get(taskId)?.failures ?? 0;
    // Made again and still in disagreement: then its neighbour may be the wrong one.
    const neighbour = suspect(index).some(failures) && index > 0 ? suspect(index - 1) : [];
    return [...neighbour, ...suspect(index)].map((taskId) => ({ taskId, error: thrown }));
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
