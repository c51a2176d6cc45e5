import { errorTable, retryLimits, type TaskId } from '@reelmill/protocol';
import { type Broken, type Event, type EventOf, jobOfTask } from './watching.ts';

/** Decision 16, counted from outside: only own failures are charged; three of them, or the cap of losses, end a task. */
export class BudgetWatch {
  private readonly broken: Broken;
  private failures = new Map<TaskId, number>();
  private losses = new Map<TaskId, number>();
  private completed = new Set<TaskId>();

  constructor(broken: Broken) {
    this.broken = broken;
  }

  restart(journal: readonly Event[]): void {
    this.failures = new Map();
    this.losses = new Map();
    this.completed = new Set();
    for (const event of journal) this.learn(event);
  }

  heed(event: Event): void {
    this.learn(event);
    if (event.type === 'task-soft-failed' || event.type === 'task-reopened') this.judgeRetry(event.taskId);
    if (event.type === 'lease-lost' && this.lost(event.taskId) >= retryLimits.lossCap)
      this.broken(`decision 16: ${event.taskId} goes on after ${this.lost(event.taskId)} losses`);
    if (event.type === 'job-failed') this.judgeEnd(event);
  }

  private judgeRetry(taskId: TaskId): void {
    const failures = this.failures.get(taskId) ?? 0;
    if (failures >= retryLimits.failureBudget) this.broken(`decision 16: ${taskId} goes on after ${failures} failures`);
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

  private lost(taskId: TaskId): number {
    return this.losses.get(taskId) ?? 0;
  }

  private learn(event: Event): void {
    switch (event.type) {
      case 'task-soft-failed':
        add(this.failures, event.taskId);
        break;
      case 'lease-lost':
        add(this.losses, event.taskId);
        break;
      case 'task-failed':
        add(event.error.code === 'TOO_MANY_LOSSES' ? this.losses : this.failures, event.taskId);
        this.completed.delete(event.taskId);
        break;
      case 'task-reopened':
        if (event.charged) add(this.failures, event.taskId);
        else if (event.lost === true) add(this.losses, event.taskId);
        this.completed.delete(event.taskId);
        break;
      case 'task-completed':
        this.completed.add(event.taskId);
        break;
      case 'job-retried':
      case 'job-removed':
        this.forget(event);
        break;
      default:
        return;
    }
  }

  /** What is not done begins with a clean sheet. */
  private forget(event: EventOf<'job-retried' | 'job-removed'>): void {
    const all = event.type === 'job-removed' || event.replan;
    for (const counts of [this.failures, this.losses]) {
      for (const taskId of counts.keys()) {
        if (jobOfTask(taskId) === event.jobId && (all || !this.completed.has(taskId))) counts.delete(taskId);
      }
    }
  }
}

const add = (counts: Map<TaskId, number>, taskId: TaskId): void =>
  void counts.set(taskId, (counts.get(taskId) ?? 0) + 1);
