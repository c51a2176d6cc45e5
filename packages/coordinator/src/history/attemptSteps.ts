import type { AttemptStep, LeaseKey, NodeId, StepTimes, TaskId } from '@reelmill/protocol';
import { leaseOf, type SchedulerEvent, type SchedulerState } from '@reelmill/scheduler';
import type { CoreChange } from '../farmCorePort.ts';

type AttemptName = `${TaskId}#${number}`;

/** Steps of one attempt that are remembered: a join whose check is said again does not grow without end. */
const mostSteps = 12;

/** Events that end an attempt, or what it made. */
type Ending = Extract<
  SchedulerEvent,
  { type: 'lease-lost' | 'task-completed' | 'task-soft-failed' | 'task-failed' | 'task-reopened' }
>;
const endings: ReadonlySet<SchedulerEvent['type']> = new Set<Ending['type']>([
  'lease-lost',
  'task-completed',
  'task-soft-failed',
  'task-failed',
  'task-reopened',
]);
const isEnding = (event: SchedulerEvent): event is Ending => endings.has(event.type);

/**
 * When the steps of running attempts began: kept while they run, written into the journal with their end. Costs one
 * look-up per message of an agent and nothing per job.
 */
export class AttemptSteps {
  readonly #state: () => SchedulerState;
  readonly #running = new Map<AttemptName, StepTimes>();

  constructor(state: () => SchedulerState) {
    this.#state = state;
  }

  /** Of an attempt that runs; empty before its first step. */
  of(taskId: TaskId, attempt: number): StepTimes {
    return this.#running.get(`${taskId}#${attempt}`) ?? [];
  }

  /** What is written beside the events of attempts. */
  stamp(event: SchedulerEvent, iso: string): SchedulerEvent {
    if (event.type === 'lease-granted') return { ...event, iso, ...this.#nameOf(event.nodeId) };
    if (!isEnding(event)) return event;
    const steps = this.of(event.taskId, event.attempt);
    return steps.length === 0 ? { ...event, iso } : { ...event, iso, steps };
  }

  /** `iso` is asked only where something is noted: most messages change no step. */
  note(change: CoreChange, iso: () => string): void {
    if (change.kind === 'events') for (const event of change.events) this.#forget(event);
    else if (change.kind === 'task-progress') {
      this.#add(change.progress, change.progress.phase, iso);
    } else if (change.kind === 'house-progress') {
      const { taskId, phase } = change.progress;
      const attempt = leaseOf(this.#state().tasks.get(taskId))?.attempt;
      if (attempt !== undefined) this.#add({ taskId, attempt }, phase, iso);
    }
  }

  #add({ taskId, attempt }: LeaseKey, step: AttemptStep, iso: () => string): void {
    const steps = this.of(taskId, attempt);
    if (steps.at(-1)?.step === step || steps.length >= mostSteps) return;
    this.#running.set(`${taskId}#${attempt}`, [...steps, { step, at: iso() }]);
  }

  #forget(event: SchedulerEvent): void {
    if (isEnding(event)) this.#running.delete(`${event.taskId}#${event.attempt}`);
    if (event.type !== 'job-failed' && event.type !== 'job-canceled' && event.type !== 'job-done') return;
    for (const name of this.#running.keys()) if (name.startsWith(`${event.jobId}/`)) this.#running.delete(name);
  }

  #nameOf(nodeId: NodeId | 'house'): { nodeName?: string } {
    const name = nodeId === 'house' ? undefined : this.#state().nodes.get(nodeId)?.name;
    return name === undefined ? {} : { nodeName: name };
  }
}
