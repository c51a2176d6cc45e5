import type { JobId, NodeDisk, NodeId, TaskId } from '@reelmill/protocol';
import { chunkDiskBytes, jobSpace } from './simulatedDisk.ts';
import { type Broken, type Event, type EventOf, isSoundTask, jobOfTask, type Step } from './watching.ts';

const leaseKey = ({ taskId, attempt }: { readonly taskId: TaskId; readonly attempt: number }): string =>
  `${taskId}#${attempt}`;

/** Watches disks: its own books of what was measured and promised, never the scheduler's. */
export class DiskWatch {
  private readonly broken: Broken;
  private disks = new Map<NodeId, NodeDisk>();
  /** Bytes promised to each lease, by its key. */
  private leases = new Map<string, { readonly taskId: TaskId; readonly nodeId: NodeId }>();
  private begun = new Set<JobId>();
  private coordinator: { readonly low: boolean; readonly freeBytes: number } | null = null;

  constructor(broken: Broken) {
    this.broken = broken;
  }

  restart(journal: readonly Event[]): void {
    this.leases = new Map();
    this.begun = new Set();
    this.disks = new Map();
    for (const event of journal) this.learn(event);
    this.disks = new Map();
    this.coordinator = null;
  }

  heed(event: Event, { command }: Step): void {
    if (command.type === 'heartbeat' && command.disk !== undefined && this.disks.has(command.nodeId))
      this.disks.set(command.nodeId, command.disk);
    if (command.type === 'note-space') {
      const [volume] = command.volumes;
      this.coordinator = { low: command.low, freeBytes: volume?.freeBytes ?? 0 };
    }
    if (event.type === 'lease-granted' && event.nodeId !== 'house') this.judge(event, event.nodeId);
    this.learn(event);
  }

  /** Whether the node could not take the task for its disk. */
  isFull = (nodeId: NodeId, taskId: TaskId): boolean => {
    const disk = this.disks.get(nodeId);
    return disk !== undefined && (disk.low || disk.roomBytes < needOf(taskId));
  };

  private judge({ taskId }: EventOf<'lease-granted'>, nodeId: NodeId): void {
    const disk = this.disks.get(nodeId);
    const promised = [...this.leases.values()].filter((lease) => lease.nodeId === nodeId);
    const bytes = promised.reduce((sum, lease) => sum + needOf(lease.taskId), needOf(taskId));
    if (disk?.low === true) this.broken(`the disk of ${nodeId} is low, but it gets ${taskId}`);
    if (disk !== undefined && bytes > disk.roomBytes)
      this.broken(`${nodeId} has no room on its disk but gets ${taskId}`);
    if (this.coordinator?.low === true) this.broken(`the disk of the coordinator is low, but ${taskId} begins`);
    const jobId = jobOfTask(taskId);
    if (this.coordinator === null || this.begun.has(jobId)) return;
    const outputs = (this.begun.size + 1) * jobSpace.outputBytes;
    if (outputs > this.coordinator.freeBytes) this.broken(`${jobId} begins without room for its output`);
  }

  private learn(event: Event): void {
    switch (event.type) {
      case 'node-joined':
        if (event.disk !== undefined) this.disks.set(event.node.nodeId, event.disk);
        break;
      case 'node-left':
        this.disks.delete(event.nodeId);
        break;
      case 'lease-granted':
        if (event.nodeId === 'house') break;
        this.leases.set(leaseKey(event), { taskId: event.taskId, nodeId: event.nodeId });
        this.begun.add(jobOfTask(event.taskId));
        break;
      case 'lease-lost':
      case 'task-soft-failed':
        this.leases.delete(leaseKey(event));
        break;
      case 'task-completed':
      case 'task-failed':
        this.end((taskId) => taskId === event.taskId);
        break;
      case 'job-done':
      case 'job-failed':
      case 'job-canceled':
      case 'job-removed':
        this.begun.delete(event.jobId);
        this.end((taskId) => jobOfTask(taskId) === event.jobId);
        break;
      case 'job-retried':
        if (!event.replan) this.begun.add(event.jobId);
        break;
      default:
        return;
    }
  }

  private end(isEnded: (taskId: TaskId) => boolean): void {
    for (const [key, { taskId }] of this.leases) if (isEnded(taskId)) this.leases.delete(key);
  }
}

const needOf = (taskId: TaskId): number => (isSoundTask(taskId) ? 0 : chunkDiskBytes);
