import { type JobId, JobPriority } from '@reelmill/protocol';
import type { Draft } from './draft.ts';
import { emptyWork } from './jobIndex.ts';
import { compareJobs, compareRanks } from './jobOrder.ts';
import { type Lane, serviceOf } from './lanes.ts';
import type { JobRecord, Place, TaskState } from './model.ts';
import { endTurn, overdueJobs } from './overdue.ts';
import type { Admission } from './queueMeter.ts';
import { dispatchOrder } from './queueOrder.ts';
import { sortedPosition } from './sortedPosition.ts';
import { jobOf, taskOf } from './state.ts';

/** What is to be given out in one pass of assignment. */
export interface Offering {
  readonly place: Place;
  /** All slots of the place, free or not. */
  slots(): number;
  readonly admits: Admission;
  /** False spares a walk through the tasks of a job. */
  reaches(jobId: JobId): boolean;
}

/**
 * Queued tasks whose wait is over, in the order in which slots are theirs: an overdue job first (`overdue.ts`), then by
 * priority; within one, the submitter that received least; of one submitter, job after job. Whether a task found a
 * node is seen in the state when the next one is asked for.
 */
export function* tasksInOrder(draft: Draft, offering: Offering): Generator<TaskState, void, unknown> {
  yield* overdueTask(draft, offering);
  yield* tasksInTurn(draft, offering);
}

/** The same without overdue jobs. */
export function* tasksInTurn(draft: Draft, offering: Offering): Generator<TaskState, void, unknown> {
  for (const priority of JobPriority.options) yield* tasksOfPriority(draft, offering, priority);
}

function* overdueTask(draft: Draft, offering: Offering): Generator<TaskState, void, unknown> {
  const turn = { ...offering, mayStart: (jobId: JobId) => mayStart(draft, jobId) };
  const jobs = overdueJobs(draft, turn);
  let offered: TaskState | null = null;
  try {
    for (const jobId of jobs) {
      if (!offering.admits(jobOf(draft.state, jobId).order.queue)) continue;
      for (const task of tasksOfJob(draft, offering, jobId)) {
        offered = task;
        yield task;
        if (!isQueued(draft, task)) return;
      }
    }
  } finally {
    // also where the asker found no more room after this one
    if (jobs.length > 0) endTurn(draft, turn, offered !== null && !isQueued(draft, offered));
  }
}

/** The lanes of one submitter within a priority. */
interface Share {
  readonly lane: Lane;
  readonly first: JobRecord;
  readonly tasks: Generator<TaskState, void, unknown>;
}

function* tasksOfPriority(
  draft: Draft,
  offering: Offering,
  priority: JobPriority,
): Generator<TaskState, void, unknown> {
  const received = ({ lane }: Share): number => serviceOf(draft.state.index.order[offering.place], lane);
  const compare = (left: Share, right: Share): number =>
    received(left) - received(right) || compareRanks(left.first, right.first);
  const waiting = sharesOf(draft, offering, priority).sort(compare);
  for (let share = waiting.shift(); share !== undefined; share = waiting.shift()) {
    for (let next = share.tasks.next(); !next.done; next = share.tasks.next()) {
      yield next.value;
      if (isQueued(draft, next.value)) continue;
      // it received service: the others may come before it now
      waiting.splice(sortedPosition(waiting, share, compare), 0, share);
      break;
    }
  }
}

function sharesOf(draft: Draft, offering: Offering, priority: JobPriority): Share[] {
  const lanesOf = new Map<string, [Lane, ...Lane[]]>();
  for (const lane of draft.state.index.order[offering.place].lanes.values()) {
    if (lane.priority !== priority) continue;
    const known = lanesOf.get(lane.submitter);
    if (known === undefined) lanesOf.set(lane.submitter, [lane]);
    else known.push(lane);
  }
  return [...lanesOf.values()].map((lanes) => ({
    lane: lanes[0],
    first: lanes
      .map((lane) => headOf(draft, lane))
      .reduce((left, right) => (compareRanks(left, right) <= 0 ? left : right)),
    tasks: tasksOfLanes(draft, offering, lanes),
  }));
}

const headOf = (draft: Draft, lane: Lane): JobRecord => jobOf(draft.state, lane.jobs.at(0) as JobId);

/** Job after job by rank, whatever queue they are in; a queue without room is left out. */
function* tasksOfLanes(draft: Draft, offering: Offering, lanes: readonly Lane[]): Generator<TaskState, void, unknown> {
  const open = lanes.map((lane) => ({ lane, at: 0 }));
  for (;;) {
    const heads = open.flatMap((cursor) => {
      const jobId = cursor.lane.jobs.at(cursor.at);
      const isOpen = jobId !== undefined && offering.admits(cursor.lane.queue) && mayStart(draft, jobId);
      return isOpen ? [{ cursor, job: jobOf(draft.state, jobId) }] : [];
    });
    const [first, ...others] = heads;
    if (first === undefined) return;
    const { cursor, job } = others.reduce(
      (left, right) => (compareRanks(left.job, right.job) <= 0 ? left : right),
      first,
    );
    cursor.at += 1;
    if (!offering.reaches(job.jobId)) continue;
    for (const task of tasksOfJob(draft, offering, job.jobId)) {
      yield task;
      if (!offering.admits(cursor.lane.queue)) break;
    }
  }
}

/** The list is of the state at the first call: grants do not disturb it. */
function* tasksOfJob(draft: Draft, { place }: Offering, jobId: JobId): Generator<TaskState, void, unknown> {
  const { queued, chunks } = draft.state.index.work.get(jobId) ?? emptyWork;
  for (const taskId of dispatchOrder(queued[place], chunks, (one) => taskOf(draft.state, one).plan)) {
    const task = taskOf(draft.state, taskId);
    if (task.phase.kind === 'queued' && task.phase.notBefore <= draft.at) yield task;
  }
}

const isQueued = (draft: Draft, task: TaskState): boolean =>
  taskOf(draft.state, task.plan.taskId).phase.kind === 'queued';

/** Behind a stop marker nothing starts; lanes are in order, so the first such job ends its lane. */
export function mayStart(draft: Draft, jobId: JobId): boolean {
  const { stopAfter } = draft.state.gate;
  if (stopAfter === null) return true;
  const last = draft.state.jobs.get(stopAfter);
  return last === undefined || compareJobs(jobOf(draft.state, jobId), last) <= 0;
}
