import type { AttemptState, AttemptView, ErrorData, NodeId, StepTimes, TaskId } from '@reelmill/protocol';
import type { LossReason, SchedulerEvent, TaskPlan } from '@reelmill/scheduler';

/** One attempt as the book keeps it: `details` of its error are for the log, not for every reader. */
export interface KeptAttempt extends Omit<AttemptView, 'node'> {
  readonly nodeName: string | null;
  readonly details: ErrorData['details'];
}

type AttemptName = `${TaskId}#${number}`;
type EventOf<T extends SchedulerEvent['type']> = Extract<SchedulerEvent, { type: T }>;

interface End {
  readonly taskId: TaskId;
  readonly attempt: number;
  readonly state: AttemptState;
  readonly at: string | null;
  readonly steps?: StepTimes | undefined;
  readonly error?: ErrorData | null;
  readonly reason?: string | null;
}

/** Reasons that are nobody's fault. */
const givenBack: readonly LossReason[] = ['recalled', 'given-back', 'refused'];

/**
 * All attempts of one job, built from its events. An event that is told twice changes nothing: what the journal holds
 * and what happened while it was read may overlap.
 */
export class HistoryBook {
  readonly #plans = new Map<TaskId, TaskPlan>();
  readonly #attempts = new Map<AttemptName, KeptAttempt>();
  /** Of each task, the attempts that have not ended. */
  readonly #open = new Map<TaskId, Set<number>>();
  readonly #changed = new Set<AttemptName>();
  readonly #waitsAt: (taskId: TaskId, attempt: number) => boolean;

  /** `waitsAt`: whether an attempt that has not ended was granted ahead of time and has not begun. */
  constructor(waitsAt: (taskId: TaskId, attempt: number) => boolean) {
    this.#waitsAt = waitsAt;
  }

  attempts(): KeptAttempt[] {
    return [...this.#attempts.values()];
  }

  find(taskId: TaskId, attempt: number): KeptAttempt | undefined {
    return this.#attempts.get(`${taskId}#${attempt}`);
  }

  /** What is new or changed since it was asked last. */
  takeChanged(): KeptAttempt[] {
    const changed = [...this.#changed].flatMap((name) => this.#attempts.get(name) ?? []);
    this.#changed.clear();
    return changed;
  }

  /** Attempts that run got further: their steps and whether they wait are read again. */
  noteSteps(taskId: TaskId, attempt: number, steps: StepTimes): void {
    const known = this.find(taskId, attempt);
    if (known === undefined || known.endedAt !== null || steps.length === known.steps.length) return;
    if (known.state === 'waiting' || known.state === 'running') this.#put({ ...known, state: 'running', steps });
  }

  apply(event: SchedulerEvent, live: string | null = null): void {
    switch (event.type) {
      case 'job-submitted':
      case 'job-planned':
        for (const plan of event.tasks) this.#plans.set(plan.taskId, plan);
        break;
      case 'lease-granted':
        this.#grant(event, event.iso ?? live);
        break;
      case 'lease-started':
        this.#start(event);
        break;
      case 'job-done':
      case 'job-failed':
      case 'job-canceled':
        for (const taskId of [...this.#open.keys()]) this.#stopOthers(taskId, event.iso);
        break;
      default:
        this.#applyEnding(event, live);
    }
  }

  #applyEnding(event: SchedulerEvent, live: string | null): void {
    switch (event.type) {
      case 'task-completed':
        this.#end({ ...event, state: 'completed', at: event.iso ?? live });
        this.#stopOthers(event.taskId, event.iso ?? live);
        break;
      case 'lease-lost': {
        const state = givenBack.includes(event.reason) ? 'returned' : 'lost';
        this.#end({ ...event, state, at: event.iso ?? live });
        break;
      }
      case 'task-soft-failed':
        this.#end({ ...event, state: 'failed', at: event.iso ?? live });
        break;
      case 'task-failed':
        this.#end({ ...event, state: 'failed', at: event.iso ?? live });
        this.#stopOthers(event.taskId, event.iso ?? live);
        break;
      case 'task-reopened':
        this.#end({ ...event, state: 'rejected', at: event.iso ?? live, steps: undefined });
        break;
      default:
    }
  }

  #grant(event: EventOf<'lease-granted'>, at: string | null): void {
    const { taskId, attempt, nodeId, nodeName = null } = event;
    const plan = this.#plans.get(taskId);
    if (plan === undefined || this.find(taskId, attempt) !== undefined) return;
    const { kind, rendition, chunkIndex } = plan;
    const state = event.waiting === true && this.#waitsAt(taskId, attempt) ? 'waiting' : 'running';
    const what = { taskId, attempt, kind, rendition, chunkIndex, nodeId, nodeName };
    this.#put({ ...what, state, grantedAt: at, steps: [], endedAt: null, reason: null, error: null, details: {} });
    this.#open.set(taskId, (this.#open.get(taskId) ?? new Set()).add(attempt));
  }

  #start({ taskId, attempt }: EventOf<'lease-started'>): void {
    const known = this.find(taskId, attempt);
    if (known?.state === 'waiting') this.#put({ ...known, state: 'running' });
  }

  #end({ taskId, attempt, state, at, steps, error = null, reason = null }: End): void {
    const known = this.find(taskId, attempt);
    this.#open.get(taskId)?.delete(attempt);
    if (known === undefined) return;
    const { code, cause, fix, details = {} } = error ?? {};
    const shown = code === undefined || cause === undefined || fix === undefined ? null : { code, cause, fix };
    const endedAt = state === 'rejected' ? known.endedAt : at;
    this.#put({ ...known, state, endedAt, reason, error: shown, details, steps: steps ?? known.steps });
  }

  /** Another copy was quicker, or nobody waits for the task any more. */
  #stopOthers(taskId: TaskId, at: string | null): void {
    for (const attempt of [...(this.#open.get(taskId) ?? [])]) this.#end({ taskId, attempt, state: 'stopped', at });
    this.#open.delete(taskId);
  }

  #put(attempt: KeptAttempt): void {
    const name: AttemptName = `${attempt.taskId}#${attempt.attempt}`;
    this.#attempts.set(name, attempt);
    this.#changed.add(name);
  }
}

/** Shown name of the node of an attempt. */
export function nodeNameOf(
  { nodeId, nodeName }: Pick<KeptAttempt, 'nodeId' | 'nodeName'>,
  nameOf: (nodeId: NodeId) => string | undefined,
): string {
  return nodeId === 'house' ? 'coordinator' : (nodeName ?? nameOf(nodeId) ?? nodeId);
}
