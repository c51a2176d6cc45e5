import { type JobId, JobPriority, type QueueRule } from '@reelmill/protocol';
import { defaultOrder, type JobOrder } from '../jobOrder.ts';
import type { SchedulerState } from '../model.ts';
import type { UntimedCommand } from './messages.ts';
import { type Broken, type Event, type EventOf, isSoundTask, jobOfTask, type Step } from './watching.ts';

interface Seen {
  readonly sequence: number;
  order: JobOrder;
}
interface Held {
  readonly jobId: JobId;
  /** It takes a slot that caps count. */
  isCounted: boolean;
}

const compare = (left: Seen, right: Seen): number =>
  JobPriority.options.indexOf(left.order.priority) - JobPriority.options.indexOf(right.order.priority) ||
  left.order.rank - right.order.rank ||
  left.sequence - right.sequence;

/**
 * Watches that orders are obeyed: nothing is granted to held jobs, while the farm is paused, behind a stop marker, beyond
 * a cap, or past a job of a higher priority. Its own books, kept from events.
 */
export class OrderWatch {
  private readonly broken: Broken;
  private readonly rules: readonly QueueRule[];
  private jobs = new Map<JobId, Seen>();
  private leases = new Map<string, Held>();
  private gate: { paused: boolean; stopAfter: JobId | null } = { paused: false, stopAfter: null };
  private nextSequence = 1;
  private nextRank = 1;

  constructor(broken: Broken, rules: readonly QueueRule[]) {
    this.broken = broken;
    this.rules = rules;
  }

  /** Only what the journal holds happened. */
  restart(journal: readonly Event[]): void {
    this.jobs = new Map();
    this.leases = new Map();
    this.gate = { paused: false, stopAfter: null };
    this.nextSequence = 1;
    this.nextRank = 1;
    for (const event of journal) this.learn(event);
  }

  heed(event: Event, step: Step): void {
    if (event.type === 'lease-granted') this.judge(event, step);
    this.learn(event);
  }

  /** Whoever is told that a hold was taken, or lifted, finds it so at that moment. */
  answered(command: UntimedCommand, verdict: string, state: SchedulerState): void {
    if (verdict !== 'accepted' || command.type !== 'order-job' || command.change.held === undefined) return;
    const isHeld = state.jobs.get(command.jobId)?.order.held;
    if (isHeld !== command.change.held)
      this.broken(`${command.jobId} was ordered held=${command.change.held} and is not`);
  }

  private judge({ taskId, nodeId }: EventOf<'lease-granted'>, { before }: Step): void {
    const jobId = jobOfTask(taskId);
    const job = this.jobs.get(jobId);
    if (job === undefined) return;
    if (job.order.held) this.broken(`${taskId} is granted though its job is held`);
    if (this.gate.paused) this.broken(`${taskId} is granted though the farm is paused`);
    const last = this.gate.stopAfter === null ? undefined : this.jobs.get(this.gate.stopAfter);
    if (last !== undefined && compare(last, job) < 0) this.broken(`${taskId} is granted behind the stop marker`);
    if (nodeId === 'house') this.judgePriority(job, jobId, before);
    else if (!isSoundTask(taskId)) this.judgeCap(job.order.queue, taskId);
  }

  private judgeCap(queue: string | null, taskId: string): void {
    const cap = this.rules.find(({ name }) => name === queue)?.cap;
    if (cap == null) return;
    const busy = [...this.leases.values()].filter(
      ({ jobId, isCounted }) => isCounted && this.jobs.get(jobId)?.order.queue === queue,
    );
    if (busy.length >= cap) this.broken(`${taskId} is granted beyond the cap of ${queue}`);
  }

  /** Any house task fits the house: one that waited before the decision, and comes first, is not left behind. */
  private judgePriority(job: Seen, jobId: JobId, before: SchedulerState): void {
    const level = JobPriority.options.indexOf(job.order.priority);
    for (const [other, { order }] of this.jobs) {
      if (other === jobId || order.held || JobPriority.options.indexOf(order.priority) >= level) continue;
      if (this.gate.stopAfter !== null || before.jobs.get(other)?.phase.kind !== 'active') continue;
      const waits = [...before.tasks.values()].some(
        ({ plan, phase }) =>
          plan.jobId === other && plan.place === 'house' && phase.kind === 'queued' && phase.notBefore === 0,
      );
      const isLeased = [...this.leases].some(([key, held]) => held.jobId === other && key.endsWith('@house'));
      if (waits && !isLeased) this.broken(`a house task of ${jobId} is granted before one of ${other}`);
    }
  }

  private learn(event: Event): void {
    switch (event.type) {
      case 'job-submitted':
        this.jobs.set(event.jobId, {
          sequence: this.nextSequence,
          order: { ...defaultOrder, ...event.order, rank: this.nextRank },
        });
        this.nextSequence += 1;
        this.nextRank += 1;
        break;
      case 'job-ordered': {
        const job = this.jobs.get(event.jobId);
        if (job === undefined) break;
        job.order = { ...job.order, ...event.order };
        this.nextRank = Math.max(this.nextRank, Math.floor(job.order.rank) + 1);
        break;
      }
      case 'farm-paused':
        this.gate =
          event.stopAfter === null ? { paused: true, stopAfter: null } : { paused: false, stopAfter: event.stopAfter };
        break;
      case 'farm-resumed':
        this.gate = { paused: false, stopAfter: null };
        break;
      case 'job-done':
      case 'job-failed':
      case 'job-canceled':
      case 'job-retried':
      case 'job-removed':
        this.learnEnd(event);
        break;
      default:
        this.learnLease(event);
    }
  }

  private learnEnd({ type, jobId }: { readonly type: Event['type']; readonly jobId: JobId }): void {
    for (const [key, held] of this.leases) if (held.jobId === jobId) this.leases.delete(key);
    if (type === 'job-removed') this.jobs.delete(jobId);
    else if (type !== 'job-retried' && this.gate.stopAfter === jobId) this.gate = { paused: true, stopAfter: null };
  }

  private learnLease(event: Event): void {
    if (!('taskId' in event) || event.taskId === null) return;
    const { taskId } = event;
    const isOfTask = (key: string): boolean => key.startsWith(`${taskId}#`);
    switch (event.type) {
      case 'lease-granted': {
        const isCounted = event.nodeId !== 'house' && !isSoundTask(taskId);
        this.leases.set(`${taskId}#${event.attempt}@${event.nodeId}`, { jobId: jobOfTask(taskId), isCounted });
        break;
      }
      case 'lease-delivering':
        for (const [key, held] of this.leases)
          if (key.startsWith(`${taskId}#${event.attempt}@`)) held.isCounted = false;
        break;
      case 'lease-lost':
      case 'task-soft-failed':
        for (const key of this.leases.keys())
          if (key.startsWith(`${taskId}#${event.attempt}@`)) this.leases.delete(key);
        break;
      case 'task-completed':
      case 'task-failed':
        for (const key of this.leases.keys()) if (isOfTask(key)) this.leases.delete(key);
        break;
      case 'task-reopened':
        for (const [key, { jobId }] of this.leases) {
          if (jobId === jobOfTask(taskId) && /\/(assemble|publish)#/.test(key)) this.leases.delete(key);
        }
        break;
      default:
        return;
    }
  }
}
