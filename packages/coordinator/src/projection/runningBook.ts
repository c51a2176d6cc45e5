import type { JobId, NodeId, TaskId, TaskProgress } from '@reelmill/protocol';
import { leasesOfTask, type SchedulerEvent, type SchedulerState, type TaskState } from '@reelmill/scheduler';
import type { HouseProgress } from '../farmCorePort.ts';

/** What an agent last told about an attempt that still runs. */
export interface RunningTask {
  readonly attempt: number;
  readonly nodeId: NodeId;
  readonly phase: TaskProgress['phase'];
  readonly framesDone: number;
  readonly fps: number;
  readonly bytesDone: number;
  /** Monotonic time of that report; 0 before the first. */
  readonly atMs: number;
}

type AttemptName = `${TaskId}#${number}`;
const nameOf = (taskId: TaskId, attempt: number): AttemptName => `${taskId}#${attempt}`;

/** Encoders report at ≤ 4 Hz: a speed older than this says nothing about now. */
const staleAfterMs = 5_000;

/** Speed now, or 0 when the last report is old. */
export const currentFps = (task: RunningTask | undefined, nowMs: number): number =>
  task === undefined || nowMs - task.atMs > staleAfterMs ? 0 : task.fps;

/** Job of a task: ids start with it. */
export const jobOfTask = (taskId: TaskId): JobId => taskId.slice(0, taskId.indexOf('/')) as JobId;

/**
 * Volatile facts of running work: which node holds which attempt and how far it is. The scheduler's state decides
 * what still runs; this book only adds numbers to it.
 */
export class RunningBook {
  /** By task and attempt: a late task may have two. */
  readonly #tasks = new Map<AttemptName, RunningTask & { readonly taskId: TaskId }>();
  readonly #house = new Map<TaskId, HouseProgress>();

  task(taskId: TaskId, attempt: number): RunningTask | undefined {
    return this.#tasks.get(nameOf(taskId, attempt));
  }

  get isEmpty(): boolean {
    return this.#tasks.size === 0;
  }

  /** Node of an attempt that was granted in this process. */
  ownerOf(taskId: TaskId, attempt: number): NodeId | undefined {
    return this.task(taskId, attempt)?.nodeId;
  }

  house(taskId: TaskId): HouseProgress | undefined {
    return this.#house.get(taskId);
  }

  running(): Iterable<RunningTask & { readonly taskId: TaskId }> {
    return this.#tasks.values();
  }

  granted(taskId: TaskId, attempt: number, nodeId: NodeId): void {
    const nothing = { phase: 'fetch', framesDone: 0, fps: 0, bytesDone: 0, atMs: 0 } as const;
    this.#tasks.set(nameOf(taskId, attempt), { taskId, attempt, nodeId, ...nothing });
  }

  noteProgress(nodeId: NodeId, progress: TaskProgress, atMs: number): void {
    const name = nameOf(progress.taskId, progress.attempt);
    const known = this.#tasks.get(name);
    if (known === undefined || known.nodeId !== nodeId) return;
    const { phase, framesDone, fps, bytesDone } = progress;
    this.#tasks.set(name, { ...known, phase, framesDone, fps, bytesDone, atMs });
  }

  noteHouse(progress: HouseProgress): void {
    this.#house.set(progress.taskId, progress);
  }

  /** After the events were counted: forgets what the state no longer runs. */
  prune(state: SchedulerState): void {
    for (const [name, { taskId, attempt }] of this.#tasks) {
      const leases = leasesOfTask(state.tasks.get(taskId));
      if (!leases.some((lease) => lease.attempt === attempt)) this.#tasks.delete(name);
    }
    for (const taskId of this.#house.keys()) {
      if (state.tasks.get(taskId)?.phase.kind !== 'leased') this.#house.delete(taskId);
    }
  }

  /** Leases that exist when the projection starts. */
  adopt(state: SchedulerState): void {
    for (const [taskId, task] of state.tasks) {
      for (const { attempt, nodeId } of leasesOfTask(task)) {
        if (nodeId !== 'house') this.granted(taskId, attempt, nodeId);
      }
    }
  }
}

/** Whether the attempt was granted ahead of time and its node has not begun it. */
export const waitsAtNode = (task: TaskState, attempt: number): boolean =>
  leasesOfTask(task).some((lease) => lease.attempt === attempt && lease.startedAt === null);

/** Job whose view an event changes, or undefined for events about nodes and clocks. */
export function jobOfEvent(event: SchedulerEvent): JobId | undefined {
  if (event.type === 'lease-renewed') return undefined;
  if ('jobId' in event) return event.jobId;
  return 'taskId' in event ? jobOfTask(event.taskId) : undefined;
}
