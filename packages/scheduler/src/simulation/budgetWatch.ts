import { errorTable, retryLimits, type TaskId } from '@reelmill/protocol';
import { type Broken, type Event, type EventOf, jobOfTask } from './watching.ts';

/** Decision 16, counted from outside: only own failures are charged; three of them, or the cap of losses, end a task. */
export class BudgetWatch {
  private readonly broken: Broken;
  private failures = new Map<TaskId, number>();
  private losses = new Map<TaskId, number>();
  private completed = new Set<TaskId>();
  /** Attempts under way: while a copy of a task runs, its budget does not end it. */
  private running = new Map<TaskId, Set<number>>();

  constructor(broken: Broken) {
    this.broken = broken;
  }

  restart(journal: readonly Event[]): void {
    this.failures = new Map();
    this.losses = new Map();
    this.completed = new Set();
    this.running = new Map();
    for (const event of journal) this.learn(event);
  }

  heed(event: Event): void {
    this.learn(event);
    if (event.type === 'task-soft-failed' || event.type === 'task-reopened') this.judgeRetry(event.taskId);
    if (event.type === 'lease-lost' && this.isAlone(event.taskId) && this.lost(event.taskId) >= retryLimits.lossCap)
      this.broken(`decision 16: ${event.taskId} goes on after ${this.lost(event.taskId)} losses`);
    if (event.type === 'job-failed') this.judgeEnd(event);
  }

  private judgeRetry(taskId: TaskId): void {
    const failures = this.failures.get(taskId) ?? 0;
    const isOver = failures >= retryLimits.failureBudget && this.isAlone(taskId);
    if (isOver) this.broken(`decision 16: ${taskId} goes on after ${failures} failures`);
  }

  private judgeEnd({ jobId, taskId, error }: EventOf<'job-failed'>): void {
    if (taskId === null) return;
    const capped = error.code === 'TOO_MANY_LOSSES';
    if (capped && this.lost(taskId) < retryLimits.lossCap)
      this.broken(`decision 16: ${jobId} ends after ${this.lost(taskId)} losses`);
    const failures = this.failures.get(taskId) ?? 0;
    if (capped || errorTable[error.code].retry === 'never') return;
    if (failures < retryLimits.failureBudget) this.broken(`decision 16: ${jobId} ends after ${failures} failures`);
  }

  private isAlone(taskId: TaskId): boolean {
    return (this.running.get(taskId)?.size ?? 0) === 0;
  }

  private lost(taskId: TaskId): number {
    return this.losses.get(taskId) ?? 0;
  }

  private learn(event: Event): void {
    switch (event.type) {
      case 'lease-granted':
        this.running.set(event.taskId, (this.running.get(event.taskId) ?? new Set()).add(event.attempt));
        break;
      case 'task-soft-failed':
        this.running.get(event.taskId)?.delete(event.attempt);
        add(this.failures, event.taskId);
        break;
      case 'lease-lost':
        this.running.get(event.taskId)?.delete(event.attempt);
        if (event.reason !== 'recalled' && event.reason !== 'given-back') add(this.losses, event.taskId);
        break;
      case 'task-failed':
        this.running.delete(event.taskId);
        add(event.error.code === 'TOO_MANY_LOSSES' ? this.losses : this.failures, event.taskId);
        this.completed.delete(event.taskId);
        break;
      case 'task-reopened':
        if (event.charged) add(this.failures, event.taskId);
        else if (event.lost === true) add(this.losses, event.taskId);
        this.completed.delete(event.taskId);
        break;
      case 'task-completed':
        this.running.delete(event.taskId);
        this.completed.add(event.taskId);
        break;
      case 'job-failed':
      case 'job-canceled':
        this.endAll(event.jobId);
        break;
      case 'job-retried':
      case 'job-removed':
        this.endAll(event.jobId);
        this.forget(event);
        break;
      default:
        return;
    }
  }

  private endAll(jobId: string): void {
    for (const taskId of this.running.keys()) if (jobOfTask(taskId) === jobId) this.running.delete(taskId);
  }

  /** What is not done begins with a clean sheet. */
  private forget(event: EventOf<'job-retried' | 'job-removed'>): void {
    const all = event.type === 'job-removed' || event.replan;
    if (all) for (const taskId of this.completed) if (jobOfTask(taskId) === event.jobId) this.completed.delete(taskId);
    for (const counts of [this.failures, this.losses]) {
      for (const taskId of counts.keys()) {
        if (jobOfTask(taskId) === event.jobId && (all || !this.completed.has(taskId))) counts.delete(taskId);
      }
    }
  }
}

const add = (counts: Map<TaskId, number>, taskId: TaskId): void =>
  void counts.set(taskId, (counts.get(taskId) ?? 0) + 1);
