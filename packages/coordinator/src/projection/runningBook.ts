import type { JobId, NodeId, TaskId, TaskProgress } from '@reelmill/protocol';
import type { SchedulerEvent, SchedulerState } from '@reelmill/scheduler';
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
  readonly #tasks = new Map<TaskId, RunningTask>();
  readonly #house = new Map<TaskId, HouseProgress>();

  task(taskId: TaskId, attempt: number): RunningTask | undefined {
    const task = this.#tasks.get(taskId);
    return task?.attempt === attempt ? task : undefined;
  }

  /** Node of an attempt that was granted in this process. */
  ownerOf(taskId: TaskId, attempt: number): NodeId | undefined {
    return this.task(taskId, attempt)?.nodeId;
  }

  house(taskId: TaskId): HouseProgress | undefined {
    return this.#house.get(taskId);
  }

  *running(): IterableIterator<[TaskId, RunningTask]> {
    yield* this.#tasks;
  }

  granted(taskId: TaskId, attempt: number, nodeId: NodeId): void {
    this.#tasks.set(taskId, { attempt, nodeId, phase: 'fetch', framesDone: 0, fps: 0, bytesDone: 0, atMs: 0 });
  }

  noteProgress(nodeId: NodeId, progress: TaskProgress, atMs: number): void {
    const known = this.task(progress.taskId, progress.attempt);
    if (known === undefined || known.nodeId !== nodeId) return;
    const { phase, framesDone, fps, bytesDone } = progress;
    this.#tasks.set(progress.taskId, { ...known, phase, framesDone, fps, bytesDone, atMs });
  }

  noteHouse(progress: HouseProgress): void {
    this.#house.set(progress.taskId, progress);
  }

  /** After the events were counted: forgets what the state no longer runs. */
  prune(state: SchedulerState): void {
    for (const [taskId, task] of this.#tasks) {
      const phase = state.tasks.get(taskId)?.phase;
      if (phase?.kind !== 'leased' || phase.lease.attempt !== task.attempt) this.#tasks.delete(taskId);
    }
    for (const taskId of this.#house.keys()) {
      if (state.tasks.get(taskId)?.phase.kind !== 'leased') this.#house.delete(taskId);
    }
  }

  /** Leases that exist when the projection starts. */
  adopt(state: SchedulerState): void {
    for (const [taskId, task] of state.tasks) {
      if (task.phase.kind !== 'leased' || task.phase.lease.nodeId === 'house') continue;
      this.granted(taskId, task.phase.lease.attempt, task.phase.lease.nodeId);
    }
  }
}

/** Job an event changes, or undefined for events about nodes and clocks. */
export function jobOfEvent(event: SchedulerEvent): JobId | undefined {
  if ('jobId' in event) return event.jobId;
  return 'taskId' in event ? jobOfTask(event.taskId) : undefined;
}
