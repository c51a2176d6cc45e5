import { type KindCaps, type NodeId, retryLimits, type TaskId, timing } from '@reelmill/protocol';
import { NodeWatch } from './nodeWatch.ts';
import { type Broken, type Event, type EventOf, isSoundTask, jobOfTask, type Step } from './watching.ts';

interface Held {
  readonly taskId: TaskId;
  readonly nodeId: NodeId | 'house';
  delivering: boolean;
  movedAt: number;
}

const leaseKey = ({ taskId, attempt }: { readonly taskId: TaskId; readonly attempt: number }): string =>
  `${taskId}#${attempt}`;

/** An upload without progress for less than this is on its way; less than the rule's, whose clock is another. */
const stuckMs = 0.9 * timing.leaseTtlMs;
/** Even the shortest wait after an own failure is longer. */
const shortestBackoffMs = retryLimits.failureBackoffMs.first * 0.45;

/** Watches who gets what: its own books, kept from events and heartbeats, never from the scheduler's state. */
export class AssignmentWatch {
  private readonly now: () => number;
  private readonly broken: Broken;
  private readonly nodes: NodeWatch;
  /** By task and attempt: a late task may have a copy. */
  private leases = new Map<string, Held>();
  private failedOn = new Map<TaskId, Set<NodeId>>();
  private makers = new Map<TaskId, NodeId | 'house'>();
  private failedAt = new Map<TaskId, number>();
  private avoided = new Map<TaskId, readonly NodeId[]>();
  /** Tasks there are: a wish about others means nothing. */
  private planned = new Set<TaskId>();
  private inARow = new Map<string, number>();

  constructor(now: () => number, broken: Broken) {
    this.now = now;
    this.nodes = new NodeWatch(now);
    this.broken = broken;
  }

  /** Only what the journal holds happened; nodes have to come again. */
  restart(journal: readonly Event[]): void {
    this.nodes.forget();
    this.leases = new Map();
    this.failedOn = new Map();
    this.inARow = new Map();
    this.avoided = new Map();
    this.planned = new Set();
    for (const event of journal) this.learn(event);
    this.nodes.nodes.clear();
    this.failedAt = new Map();
  }

  heed(event: Event, step: Step): void {
    this.nodes.hear(step);
    if (event.type === 'lease-granted') this.judge(event);
    this.learn(event);
  }

  private judge({ taskId, nodeId, waiting, backup }: EventOf<'lease-granted'>): void {
    const holders = [...this.leases.values()].filter((lease) => lease.taskId === taskId).map((lease) => lease.nodeId);
    const mayCopy = backup === true && holders.length === 1 && !holders.includes(nodeId);
    if (holders.length > 0 && !mayCopy) this.broken(`P2: ${taskId} is granted while ${holders.join()} has it`);
    const moving = this.movingUpload(taskId);
    if (backup === true && moving) this.broken(`${taskId} gets a copy while its result is on its way`);
    const waitedMs = this.now() - (this.failedAt.get(taskId) ?? Number.NEGATIVE_INFINITY);
    if (waitedMs < shortestBackoffMs) this.broken(`${taskId} is granted ${waitedMs.toFixed(0)} ms after it failed`);
    if (nodeId === 'house') return;
    const seen = this.nodes.nodes.get(nodeId);
    const closedBy = this.nodes.closedBy(nodeId);
    if (seen === undefined || closedBy !== null) this.broken(`${nodeId} ${closedBy} but gets ${taskId}`);
    else if (!this.hasRoom(nodeId, seen.slots + (waiting === true ? seen.waitingOffers : 0), taskId))
      this.broken(`${nodeId} has no free slot but gets ${taskId}`);
    else if (!this.hasRoomOfKind(nodeId, seen.kindCaps, taskId))
      this.broken(`${nodeId} has as many of its kind as it takes but gets ${taskId}`);
    this.judgeChoice(taskId, nodeId);
  }

  /** Whether its encoder is done and its bytes moved a moment ago. */
  private movingUpload(taskId: TaskId): boolean {
    const held = [...this.leases.values()].filter((lease) => lease.taskId === taskId);
    return held.some(({ delivering, movedAt }) => delivering && this.now() - movedAt < stuckMs);
  }

  /** One task of sound runs beside the slots; what is only delivered holds none, up to as many as there are slots. */
  private hasRoom(nodeId: NodeId, slots: number, wanted: TaskId): boolean {
    const held = [...this.leases.values()].filter((lease) => lease.nodeId === nodeId);
    const delivering = held.filter((lease) => lease.delivering).length;
    const beside = held.filter((lease) => !lease.delivering && isSoundTask(lease.taskId)).length;
    if (isSoundTask(wanted) && beside === 0) return true;
    return held.length - Math.min(delivering, slots) - Math.min(beside, 1) < slots;
  }

  /** At most so many of a kind at once, whatever slots are free. */
  private hasRoomOfKind(nodeId: NodeId, { encode, audio }: KindCaps, wanted: TaskId): boolean {
    const cap = isSoundTask(wanted) ? audio : encode;
    const alike = [...this.leases.values()].filter(
      (lease) => lease.nodeId === nodeId && !lease.delivering && isSoundTask(lease.taskId) === isSoundTask(wanted),
    );
    return cap === undefined || alike.length < cap;
  }

  /** P7: a node with something against it gets a task only where no other could do it. */
  private judgeChoice(taskId: TaskId, nodeId: NodeId): void {
    const failedHere = this.failedAt.has(taskId) && this.failedOn.get(taskId)?.has(nodeId) === true;
    if (!failedHere && !this.isShunned(taskId, nodeId)) return;
    for (const other of this.nodes.nodes.keys()) {
      const isAway = !this.nodes.isThere(other) || this.isFull(other, taskId);
      const unfit = isAway || this.isSuspect(taskId, other);
      if (!unfit) this.broken(`P7: ${nodeId} failed ${taskId} and gets it though ${other} is there`);
    }
  }

  private isSuspect(taskId: TaskId, nodeId: NodeId): boolean {
    return this.failedOn.get(taskId)?.has(nodeId) === true || this.isShunned(taskId, nodeId) || this.isBarred(nodeId);
  }

  /** Set from outside: nodes under quarantine are nobody's alternative. */
  isBarred: (nodeId: NodeId) => boolean = () => false;

  /** Set from outside: neither are nodes whose disk has no room. */
  isFull: (nodeId: NodeId, taskId: TaskId) => boolean = () => false;

  private isShunned(taskId: TaskId, nodeId: NodeId): boolean {
    if (this.avoided.get(taskId)?.includes(nodeId) === true) return true;
    return (this.inARow.get(rowKey(taskId, nodeId)) ?? 0) >= 3;
  }

  private learn(event: Event): void {
    this.nodes.learn(event);
    if (event.type === 'coordinator-booted') {
      this.failedAt = new Map();
      for (const lease of this.leases.values()) lease.delivering = false;
    } else this.learnTask(event);
  }

  private learnTask(event: Event): void {
    switch (event.type) {
      case 'lease-granted':
        this.leases.set(leaseKey(event), { ...event, delivering: false, movedAt: this.now() });
        break;
      case 'lease-delivering':
        Object.assign(this.leases.get(leaseKey(event)) ?? {}, { delivering: true, movedAt: this.now() });
        break;
      case 'lease-lost':
        this.leases.delete(leaseKey(event));
        if (event.avoidNode) this.distrust(event.taskId, event.nodeId);
        break;
      case 'task-soft-failed':
        this.leases.delete(leaseKey(event));
        this.distrust(event.taskId, event.nodeId);
        this.failedAt.set(event.taskId, this.now());
        this.count(event.taskId, event.nodeId, true);
        break;
      case 'task-completed':
        this.endLeases(jobOfTask(event.taskId), (taskId) => taskId === event.taskId);
        this.makers.set(event.taskId, event.result.nodeId);
        this.count(event.taskId, event.result.nodeId, false);
        break;
      case 'task-failed':
        this.makers.delete(event.taskId);
        this.endLeases(jobOfTask(event.taskId), (taskId) => taskId === event.taskId);
        break;
      case 'job-failed':
      case 'job-canceled':
      case 'job-removed':
      case 'job-retried':
        this.endLeases(event.jobId);
        if (event.type === 'job-removed') this.forget(event, () => false);
        if (event.type === 'job-retried') this.learnRetry(event);
        break;
      case 'job-planned':
        for (const { taskId } of event.tasks) this.planned.add(taskId);
        break;
      case 'task-reopened':
        this.distrust(event.taskId, this.makers.get(event.taskId) ?? 'house');
        this.makers.delete(event.taskId);
        this.endLeases(jobOfTask(event.taskId), (taskId) => /\/(assemble|publish)$/.test(taskId));
        break;
      default:
        return;
    }
  }

  private learnRetry({ jobId, replan, avoid }: EventOf<'job-retried'>): void {
    this.forget({ jobId }, (taskId) => !replan && this.makers.has(taskId));
    if (replan) for (const taskId of this.planned) if (jobOfTask(taskId) === jobId) this.planned.delete(taskId);
    if (avoid !== undefined && this.planned.has(avoid.taskId)) this.avoided.set(avoid.taskId, avoid.nodeIds);
  }

  private endLeases(jobId: string, which: (taskId: TaskId) => boolean = () => true): void {
    for (const [key, { taskId }] of this.leases)
      if (jobOfTask(taskId) === jobId && which(taskId)) this.leases.delete(key);
  }

  /** What was held against nodes goes, except for tasks that a retry keeps. */
  private forget({ jobId }: { readonly jobId: string }, isKept: (taskId: TaskId) => boolean): void {
    for (const book of [this.failedOn, this.failedAt, this.avoided, this.makers]) {
      for (const taskId of book.keys()) if (jobOfTask(taskId) === jobId && !isKept(taskId)) book.delete(taskId);
    }
    for (const key of this.inARow.keys()) if (key.startsWith(`${jobId}/`)) this.inARow.delete(key);
  }

  private distrust(taskId: TaskId, nodeId: NodeId | 'house'): void {
    if (nodeId === 'house') return;
    this.failedOn.set(taskId, (this.failedOn.get(taskId) ?? new Set()).add(nodeId));
  }

  private count(taskId: TaskId, nodeId: NodeId | 'house', failed: boolean): void {
    if (nodeId === 'house') return;
    const key = rowKey(taskId, nodeId);
    this.inARow.set(key, failed ? (this.inARow.get(key) ?? 0) + 1 : 0);
  }
}

const rowKey = (taskId: TaskId, nodeId: NodeId): string =>
  `${jobOfTask(taskId)}/${isSoundTask(taskId) ? 'audio' : 'encode'} ${nodeId}`;
