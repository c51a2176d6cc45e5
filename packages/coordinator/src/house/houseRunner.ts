import { setTimeout } from 'node:timers/promises';
import { BugError, FarmError, type HouseTaskKind, type JobId, type TaskId, toFarmError } from '@reelmill/protocol';
import { type Command, leaseOf, type TaskState } from '@reelmill/scheduler';
import type { CoreContext } from '../coreContext.ts';
import type { JobRequest } from '../jobRecords.ts';
import { assembleStills } from './assembleStills.ts';
import { assembleTask } from './assembleTask.ts';
import { hashTask } from './hashTask.ts';
import { type HouseCall, type HouseTask, reopened } from './houseCall.ts';
import { packageTask } from './packageTask.ts';
import { probeTask } from './probeTask.ts';
import { publishStills } from './publishStills.ts';
import { publishTask } from './publishTask.ts';

/** An outcome must reach the journal: where the disk is full, it is said again until there is room. */
const sayAgainMs = 2_000;

/** Films and pictures end in ways of their own. */
const byKind =
  (film: HouseTask, stills: HouseTask): HouseTask =>
  async (call) => {
    const { kind } = await call.context.manifests.load(call.jobId, call.plan.rendition);
    return kind === 'stills' ? stills(call) : film(call);
  };

const tasks: Record<HouseTaskKind, HouseTask> = {
  probe: probeTask,
  hash: hashTask,
  assemble: byKind(assembleTask, assembleStills),
  publish: byKind(publishTask, publishStills),
  package: packageTask,
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

type HouseOutcome = Extract<Command, { type: 'finish-task' }>['outcome'];

interface Running {
  readonly taskId: TaskId;
  readonly jobId: JobId;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/** Makes the runner of one coordinator. */
export function createHouseRunner(context: CoreContext): HouseRunner {
  const running = new Map<string, Running>();
  const closing = new AbortController();
  const keyOf = (taskId: TaskId, attempt: number): string => `${taskId}#${attempt}`;

  const say = async (taskId: TaskId, attempt: number, outcome: HouseOutcome): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        await context.dispatcher.run({ type: 'finish-task', nodeId: 'house', taskId, attempt, outcome });
        return;
      } catch (cause) {
        context.logger.error({ err: cause, taskId }, 'an outcome is not in the journal yet');
        await setTimeout(sayAgainMs, undefined, { signal: closing.signal }).catch(() => {}); // closing ends the loop
      }
    }
  };

  const attemptOnce = async (taskId: TaskId, attempt: number, signal: AbortSignal): Promise<void> => {
    let report: unknown;
    try {
      signal.throwIfAborted();
      report = await runTask(context, taskId, signal);
      if (report === reopened && holdsLease(context, taskId, attempt)) {
        throw new BugError(`${taskId} sent results back, but still has its lease`);
      }
    } catch (thrown) {
      if (signal.aborted) return;
      const error = toFarmError(thrown);
      context.logger.warn({ taskId, attempt, code: error.code, err: error }, 'a house task failed');
      await say(taskId, attempt, { kind: 'failed', error: error.toData() });
      return;
    }
    if (report === reopened) return;
    const house = { nodeId: 'house', nodeName: 'house', artifacts: [], sourceSha256: null, wallSeconds: 0 } as const;
    await say(taskId, attempt, { kind: 'completed', result: { ...house, report } });
  };

  return {
    start(taskId, attempt) {
      const key = keyOf(taskId, attempt);
      if (closing.signal.aborted || running.has(key)) return;
      const controller = new AbortController();
      // an attempt that was canceled still ends: two must not write the same plan
      const others = [...running.values()].filter((one) => one.taskId === taskId).map((one) => one.ended);
      const ended = Promise.all(others)
        .then(() => attemptOnce(taskId, attempt, controller.signal))
        .finally(() => running.delete(key));
      running.set(key, { taskId, jobId: jobIdOf(taskId), controller, ended });
    },
    cancel(taskId, attempt) {
      running.get(keyOf(taskId, attempt))?.controller.abort(new FarmError('CANCELED'));
    },
    async idle(jobId) {
      await Promise.all([...running.values()].filter((one) => one.jobId === jobId).map((one) => one.ended));
    },
    async close() {
      closing.abort();
      for (const one of running.values()) one.controller.abort(new FarmError('CANCELED'));
      await Promise.all([...running.values()].map((one) => one.ended));
    },
  };
}

const holdsLease = (context: CoreContext, taskId: TaskId, attempt: number): boolean =>
  leaseOf(context.dispatcher.state().tasks.get(taskId))?.attempt === attempt;

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
    progress: atMostEvery(progressIntervalMs, ({ phase, bytes = null, percent = null }) =>
      context.emit({ kind: 'house-progress', progress: { taskId, jobId: job.jobId, phase, bytes, percent } }),
    ),
  });
}

/** A hash tells its bytes hundreds of times a second; nobody looks that often. A new phase is always told. */
const progressIntervalMs = 100;

function atMostEvery(intervalMs: number, tell: HouseCall['progress']): HouseCall['progress'] {
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastPhase: string | null = null;
  return (step) => {
    const nowMs = performance.now();
    if (step.phase === lastPhase && nowMs - lastMs < intervalMs) return;
    lastMs = nowMs;
    lastPhase = step.phase;
    tell(step);
  };
}
