import { type ErrorCode, type NodeId, retryLimits, type TaskId } from '@reelmill/protocol';
import { type Broken, type Event, type EventOf, jobOfTask, type Step } from './watching.ts';

const badCodes: readonly ErrorCode[] = ['FRAME_COUNT', 'TIMESTAMPS_WRONG', 'OVERLAP_MISMATCH'];

/** Watches quarantine: whose bad results another node did well, who is therefore put away, and that nobody put away works. */
export class TrustWatch {
  private readonly broken: Broken;
  /** Makers of bad results, by task. */
  private bad = new Map<TaskId, Set<NodeId>>();
  private makers = new Map<TaskId, NodeId | 'house'>();
  private convicted = new Map<NodeId, Set<TaskId>>();
  private barred = new Set<NodeId>();

  constructor(broken: Broken) {
    this.broken = broken;
  }

  isBarred(nodeId: NodeId): boolean {
    return this.barred.has(nodeId);
  }

  restart(journal: readonly Event[]): void {
    this.bad = new Map();
    this.makers = new Map();
    this.convicted = new Map();
    this.barred = new Set();
    for (const event of journal) this.learn(event);
  }

  heed(event: Event): void {
    if (event.type === 'lease-granted' && event.nodeId !== 'house' && this.barred.has(event.nodeId))
      this.broken(`P7: ${event.nodeId} is under quarantine and gets ${event.taskId}`);
    if (event.type === 'node-quarantined' && this.countOf(event.nodeId) < retryLimits.badResultLimit)
      this.broken(`P7: ${event.nodeId} is under quarantine for ${this.countOf(event.nodeId)} bad results`);
    this.learn(event);
  }

  /** After a whole decision: nobody who should be put away is left at work. */
  judge({ command }: Step): void {
    for (const [nodeId, tasks] of this.convicted) {
      const left = tasks.size >= retryLimits.badResultLimit && !this.barred.has(nodeId);
      if (left) this.broken(`P7: ${nodeId} made ${tasks.size} bad results and goes on after ${command.type}`);
    }
  }

  private countOf(nodeId: NodeId): number {
    return this.convicted.get(nodeId)?.size ?? 0;
  }

  private learn(event: Event): void {
    switch (event.type) {
      case 'task-soft-failed':
        this.accuse(event.taskId, event.nodeId, event.error.code);
        break;
      case 'task-reopened':
        this.accuse(event.taskId, this.makers.get(event.taskId) ?? 'house', event.error.code);
        this.makers.delete(event.taskId);
        break;
      case 'task-failed':
        this.makers.delete(event.taskId);
        break;
      case 'task-completed':
        this.complete(event);
        break;
      case 'job-retried':
      case 'job-removed':
        this.forget(event);
        break;
      case 'node-quarantined':
        this.barred.add(event.nodeId);
        break;
      case 'node-released':
        this.barred.delete(event.nodeId);
        this.convicted.delete(event.nodeId);
        break;
      default:
        return;
    }
  }

  private accuse(taskId: TaskId, nodeId: NodeId | 'house', code: ErrorCode): void {
    if (nodeId === 'house' || !badCodes.includes(code)) return;
    this.bad.set(taskId, (this.bad.get(taskId) ?? new Set()).add(nodeId));
  }

  private complete({ taskId, result }: EventOf<'task-completed'>): void {
    this.makers.set(taskId, result.nodeId);
    for (const nodeId of this.bad.get(taskId) ?? []) {
      if (nodeId === result.nodeId) continue;
      this.convicted.set(nodeId, (this.convicted.get(nodeId) ?? new Set()).add(taskId));
    }
  }

  /** Tasks that begin anew bring nothing along; completed ones stay as they are unless a new plan is made. */
  private forget(event: EventOf<'job-retried' | 'job-removed'>): void {
    const all = event.type === 'job-removed' || event.replan;
    for (const taskId of this.bad.keys()) {
      if (jobOfTask(taskId) === event.jobId && (all || !this.makers.has(taskId))) this.bad.delete(taskId);
    }
  }
}
