import { BugError, FarmError, type HouseTaskKind, type JobId, type TaskId, toFarmError } from '@reelmill/protocol';
import { leaseOf, type TaskState } from '@reelmill/scheduler';
import type { CoreContext } from '../coreContext.ts';
import type { JobRequest } from '../jobRecords.ts';
import { assembleTask } from './assembleTask.ts';
import { hashTask } from './hashTask.ts';
import { type HouseTask, reopened } from './houseCall.ts';
import { probeTask } from './probeTask.ts';
import { publishTask } from './publishTask.ts';

const tasks: Record<HouseTaskKind, HouseTask> = {
  probe: probeTask,
  hash: hashTask,
  assemble: assembleTask,
  publish: publishTask,
};

/** Runs house tasks as the scheduler's effects ask; outcomes return as commands. */
export interface HouseRunner {
  start(taskId: TaskId, attempt: number): void;
  cancel(taskId: TaskId, attempt: number): void;
  /** Resolves once no house task of the job runs any more. */
  idle(jobId: JobId): Promise<void>;
  /** Cancels all and waits for their processes to end. */
  close(): Promise<void>;
}

interface Running {
  readonly jobId: JobId;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** Makes the runner of one coordinator. */
export function createHouseRunner(context: CoreContext): HouseRunner {
  const running = new Map<string, Running>();
  let closed = false;
  const keyOf = (taskId: TaskId, attempt: number): string => `${taskId}#${attempt}`;

  const attemptOnce = async (taskId: TaskId, attempt: number, signal: AbortSignal): Promise<void> => {
    const report = await runTask(context, taskId, signal);
    if (closed) return;
    if (report === reopened) {
      const lease = leaseOf(context.dispatcher.state().tasks.get(taskId));
      if (lease?.attempt === attempt) throw new BugError(`${taskId} sent results back, but still has its lease`);
      return;
    }
    const result = {
      artifacts: [],
      report,
      sourceSha256: null,
      wallSeconds: 0,
      nodeId: 'house',
      nodeName: 'house',
    } as const;
    const outcome = { kind: 'completed', result } as const;
    await context.dispatcher.run({ type: 'finish-task', nodeId: 'house', taskId, attempt, outcome });
  };

  const fail = async (taskId: TaskId, attempt: number, thrown: unknown): Promise<void> => {
    const error = toFarmError(thrown);
    context.logger.warn({ taskId, attempt, code: error.code, err: error }, 'a house task failed');
    const outcome = { kind: 'failed', error: error.toData() } as const;
    await context.dispatcher.run({ type: 'finish-task', nodeId: 'house', taskId, attempt, outcome });
  };

  return {
    start(taskId, attempt) {
      const key = keyOf(taskId, attempt);
      if (closed || running.has(key)) return;
      const controller = new AbortController();
      const ended = attemptOnce(taskId, attempt, controller.signal)
        .catch((thrown) => (controller.signal.aborted ? undefined : fail(taskId, attempt, thrown)))
        .catch((cause) => context.logger.error({ err: cause, taskId }, 'an outcome could not be journaled'))
        .finally(() => running.delete(key));
      running.set(key, { jobId: jobIdOf(taskId), controller, ended });
    },
    cancel(taskId, attempt) {
      running.get(keyOf(taskId, attempt))?.controller.abort(new FarmError('CANCELED'));
    },
    async idle(jobId) {
      await Promise.all([...running.values()].filter((one) => one.jobId === jobId).map((one) => one.ended));
    },
    async close() {
      closed = true;
      for (const one of running.values()) one.controller.abort(new FarmError('CANCELED'));
      await Promise.all([...running.values()].map((one) => one.ended));
    },
  };
}

const jobIdOf = (taskId: TaskId): JobId => taskId.slice(0, taskId.indexOf('/')) as JobId;

async function runTask(context: CoreContext, taskId: TaskId, signal: AbortSignal): Promise<unknown> {
  const task: TaskState | undefined = context.dispatcher.state().tasks.get(taskId);
  const job = context.dispatcher.state().jobs.get(jobIdOf(taskId));
  if (task === undefined || job === undefined) throw new BugError(`no house task ${taskId}`);
  const { plan } = task;
  const run = tasks[plan.kind as HouseTaskKind];
  return run({
    context,
    job,
    jobId: job.jobId,
    request: job.request as JobRequest,
    plan,
    signal,
    progress: ({ phase, bytes = null, percent = null }) =>
      context.emit({ kind: 'house-progress', progress: { taskId, jobId: job.jobId, phase, bytes, percent } }),
  });
}
