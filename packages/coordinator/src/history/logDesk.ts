import { encodeArgs, FarmSpec, sharedEncodeArgs } from '@reelmill/media';
import {
  type AttemptLog,
  FarmError,
  type JobId,
  type LogRequest,
  type ProgramRun,
  type TaskId,
  toFarmError,
  withoutSecrets,
} from '@reelmill/protocol';
import type { TaskPlan } from '@reelmill/scheduler';
import type { CoreContext } from '../coreContext.ts';
import type { AgentRoster } from '../farm/agentRoster.ts';
import { specOf } from '../farm/offers.ts';
import { taskIds } from '../house/planTasks.ts';
import type { JobRequest, PlanSummary } from '../jobRecords.ts';
import type { HistoryBook, KeptAttempt } from './historyBook.ts';
import type { OpenHistoryDesk } from './historyDesk.ts';

/** What FFmpeg was asked and what it said, fetched from the node that ran it when somebody wants to know. */
export interface LogDesk {
  /** @throws FarmError NOT_FOUND where the job has no such task or attempt */
  attemptLog(request: LogRequest): Promise<AttemptLog>;
}

/** Makes the desk of one coordinator. */
export function createLogDesk(
  context: CoreContext,
  { roster, history }: { readonly roster: AgentRoster; readonly history: OpenHistoryDesk },
): LogDesk {
  return {
    async attemptLog({ jobId, taskId: named, chunk, attempt }) {
      const taskId = named ?? taskOfChunk(context, jobId, chunk ?? 0);
      const book = await history.book(jobId);
      const found = attempt === undefined ? lastOf(book, taskId) : book.find(taskId, attempt);
      if (found === undefined && attempt !== undefined) {
        throw new FarmError('NOT_FOUND', { message: `There is no attempt ${attempt} of ${taskId}.` });
      }
      if (found === undefined) return withoutSecretsIn(await planned(context, taskId));
      const log = await fromNode(found, roster);
      return withoutSecretsIn({ ...log, taskId, attempt: found.attempt, node: history.nameOf(found) });
    },
  };
}

/** Task that makes a chunk, by its place among all chunks of the job. */
function taskOfChunk({ dispatcher }: CoreContext, jobId: JobId, chunk: number): TaskId {
  const job = dispatcher.state().jobs.get(jobId);
  if (job === undefined) throw new FarmError('NOT_FOUND', { message: `There is no job ${jobId}.` });
  const { renditions } = job.plan === null ? { renditions: [] } : (job.plan as PlanSummary);
  let before = 0;
  for (const summary of renditions) {
    const index = chunk - before;
    before += summary.chunkEnds.length;
    if (chunk >= before) continue;
    if (summary.kind === 'stills') return taskIds.extract(jobId, summary.rendition, index);
    return taskIds.encode(jobId, summary, index);
  }
  throw new FarmError('NOT_FOUND', { message: `${jobId} has ${before} chunks; there is no chunk ${chunk + 1}.` });
}

const lastOf = (book: HistoryBook, taskId: TaskId): KeptAttempt | undefined =>
  book.attempts().findLast((one) => one.taskId === taskId);

type Found = Pick<AttemptLog, 'from' | 'note' | 'runs'>;

const houseNote = 'It ran beside the coordinator, which keeps no log of what went well.';

/** The node's own record, else what the failure itself said. */
async function fromNode(attempt: KeptAttempt, roster: AgentRoster): Promise<Found> {
  if (attempt.nodeId === 'house') return fromJournal(attempt, houseNote);
  const agent = roster.get(attempt.nodeId);
  if (agent === undefined) return fromJournal(attempt, 'Its node is not connected; the log is there.');
  try {
    const runs = await agent.connection.readLog({ taskId: attempt.taskId, attempt: attempt.attempt });
    if (runs.length > 0) return { from: 'node', note: null, runs };
    return fromJournal(attempt, 'Its node keeps no log of this attempt any more, or it has not started a program.');
  } catch (cause) {
    return fromJournal(attempt, `Its node did not tell the log: ${toFarmError(cause).message}`);
  }
}

function fromJournal({ details }: KeptAttempt, note: string): Found {
  const { log, args, exitCode, endSignal } = details;
  if (typeof log !== 'string') return { from: 'none', note, runs: [] };
  const run: ProgramRun = {
    program: 'ffmpeg',
    args: Array.isArray(args) ? args.map(String) : [],
    exitCode: typeof exitCode === 'number' ? exitCode : null,
    endSignal: typeof endSignal === 'string' ? endSignal : null,
    log,
  };
  return { from: 'journal', note: `${note} This is what the failure said.`, runs: [run] };
}

/** The command of a task that no node has begun, as the plan has it. */
async function planned(context: CoreContext, taskId: TaskId): Promise<AttemptLog> {
  const task = context.dispatcher.state().tasks.get(taskId);
  if (task === undefined) throw new FarmError('NOT_FOUND', { message: `There is no task ${taskId}.` });
  const args = await plannedArgs(context, task.plan);
  const nothing = { taskId, attempt: 0, node: null };
  if (args === null) return { ...nothing, from: 'none', note: 'It has not run yet.', runs: [] };
  const run = { program: 'ffmpeg', args, exitCode: null, endSignal: null, log: '' };
  return {
    ...nothing,
    from: 'plan',
    note: 'It has not run yet: this is what its node will be asked to do.',
    runs: [run],
  };
}

/** null: the command depends on what its node makes ready first. */
async function plannedArgs(context: CoreContext, plan: TaskPlan): Promise<string[] | null> {
  const job = context.dispatcher.state().jobs.get(plan.jobId);
  if (plan.kind !== 'encode' || job === undefined) return null;
  const { sourcePath } = job.request as JobRequest;
  const spec = FarmSpec.parse(await specOf(context, plan, await context.manifests.load(plan.jobId, plan.rendition)));
  if (spec.kind === 'shared-encode') {
    return sharedEncodeArgs(
      spec,
      sourcePath,
      spec.parts.map(({ video }, at) => `output-${at}.${video.chunkContainer}`),
    );
  }
  if (spec.kind !== 'encode' || spec.video.burnIn !== undefined || spec.video.passes !== undefined) return null;
  return encodeArgs(spec, sourcePath, `output.${spec.video.chunkContainer}`);
}

const withoutSecretsIn = (log: AttemptLog): AttemptLog => ({
  ...log,
  runs: log.runs.map((run) => ({ ...run, args: run.args.map(withoutSecrets), log: withoutSecrets(run.log) })),
});
