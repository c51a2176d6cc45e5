import type { JobPhase, JobState } from '@reelmill/protocol';
import type { JobRecord, TaskState } from '@reelmill/scheduler';
import type { HouseProgress } from '../farmCorePort.ts';
import type { RunningBook } from './runningBook.ts';

export interface JobStage {
  readonly state: JobState;
  readonly phase: JobPhase;
  /** Report of the house task that is the job's current work, if one runs. */
  readonly house: HouseProgress | undefined;
}

const housePhase: Record<HouseProgress['phase'], JobPhase> = {
  fetch: 'fetch',
  probe: 'probe',
  index: 'index',
  // The source's hash is the last thing that a quick encode may have to wait for.
  hash: 'verify',
  join: 'join',
  verify: 'verify',
  publish: 'publish',
  package: 'package',
};
/** What a house task does before its first report. */
const firstPhase: Partial<Record<TaskState['plan']['kind'], JobPhase>> = {
  probe: 'probe',
  hash: 'verify',
  assemble: 'join',
  join: 'join',
  publish: 'publish',
  package: 'package',
};

const mediaWork: ReadonlySet<TaskState['plan']['kind']> = new Set(['encode', 'audio', 'extract']);
const isMediaWork = (task: TaskState): boolean => mediaWork.has(task.plan.kind);
const isLeased = (task: TaskState): boolean => task.phase.kind === 'leased';

/** The later in the way of a file, the more it says about where the job is. */
const order = ['package', 'publish', 'join', 'assemble', 'hash', 'probe'] as const;
function currentTask(tasks: readonly TaskState[]): TaskState | undefined {
  const leased = tasks.filter((task) => isLeased(task) && !isMediaWork(task));
  for (const kind of order) {
    const task = leased.find((one) => one.plan.kind === kind);
    if (task !== undefined) return task;
  }
  return undefined;
}

function houseStage(state: JobState, tasks: readonly TaskState[], book: RunningBook): JobStage {
  const task = currentTask(tasks);
  if (task === undefined) return { state, phase: state === 'finishing' ? 'join' : 'none', house: undefined };
  const house = book.house(task.plan.taskId);
  const phase = house === undefined ? (firstPhase[task.plan.kind] ?? 'none') : housePhase[house.phase];
  return { state, phase, house };
}

function encodeStage(media: readonly TaskState[], book: RunningBook): JobStage {
  const leased = media.filter(isLeased);
  const fetching = (task: TaskState) =>
    task.phase.kind === 'leased' && book.task(task.plan.taskId, task.phase.lease.attempt)?.phase === 'fetch';
  const started = leased.length > 0 || media.some((task) => task.attempts > 0);
  if (!started) return { state: 'queued', phase: 'none', house: undefined };
  const phase = leased.length > 0 && leased.every(fetching) ? 'fetch' : 'encode';
  return { state: 'encoding', phase, house: undefined };
}

/** Where a job is on the way of a file, told from its tasks alone. */
export function jobStage(record: JobRecord, tasks: readonly TaskState[], book: RunningBook): JobStage {
  if (record.phase.kind !== 'active') return { state: record.phase.kind, phase: 'none', house: undefined };
  if (record.plan === null) {
    const probing = tasks.some((task) => task.plan.kind === 'probe' && isLeased(task));
    return probing ? houseStage('preparing', tasks, book) : { state: 'queued', phase: 'none', house: undefined };
  }
  const media = tasks.filter(isMediaWork);
  return media.every((task) => task.phase.kind === 'completed')
    ? houseStage('finishing', tasks, book)
    : encodeStage(media, book);
}
