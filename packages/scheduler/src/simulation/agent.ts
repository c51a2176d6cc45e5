import { type ErrorCode, FarmError, type NodeId, type TaskId, timing } from '@reelmill/protocol';
import type { HeldLease } from '../model.ts';
import type { AgentMessage, CoordinatorMessage, Outcome, Sender } from './messages.ts';
import type { Network } from './network.ts';
import { SimulatedProcess } from './process.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

interface Work {
  readonly attempt: number;
  stage: 'working' | 'delivering' | 'reporting';
  outcome: Outcome | null;
}

/** Runs beside the slots, one at a time. */
const isSound = (taskId: TaskId): boolean => taskId.endsWith('/audio');

export interface AgentTraits {
  readonly nodeId: NodeId;
  readonly slots: number;
  /** 8 for a slow machine. */
  readonly slowness: number;
  /** Milliseconds its own clock is off; nothing may depend on it. */
  readonly clockSkewMs: number;
  /** How often an attempt ends by the store's fault, or by its own. */
  readonly storeFaults: number;
  readonly ownFaults: number;
}

export interface CoordinatorDoor {
  readonly alive: boolean;
  receive(message: AgentMessage, sender: Sender): void;
}

/** What an agent process does: holds leases, works, reports until heard, reconnects with all it holds. */
export class SimulatedAgent extends SimulatedProcess {
  readonly traits: AgentTraits;
  readonly work = new Map<TaskId, Work>();
  private readonly network: Network;
  private readonly door: CoordinatorDoor;
  connection = 0;
  welcomed = false;
  /** Fails everything it is given. */
  bad = false;

  constructor(
    world: { timeline: Timeline; random: Random; network: Network; door: CoordinatorDoor },
    traits: AgentTraits,
  ) {
    super(world.timeline, world.random);
    this.network = world.network;
    this.door = world.door;
    this.traits = traits;
  }

  start(): void {
    if (this.alive) return;
    this.begin();
    this.work.clear();
    this.connect();
    this.later(this.random.between(0, timing.heartbeatIntervalMs), () => this.beat());
  }

  override kill(): void {
    super.kill();
    this.welcomed = false;
    this.connection += 1;
  }

  holds(lease: HeldLease): boolean {
    return this.alive && this.work.get(lease.taskId)?.attempt === lease.attempt;
  }

  /** The socket is gone (the coordinator died, or the ping timed out). */
  closed(connection: number): void {
    this.arrives(() => {
      if (connection === this.connection) this.connect();
    });
  }

  receive(message: CoordinatorMessage, connection: number): void {
    this.arrives(() => {
      if (connection === this.connection) this.handle(message);
    });
  }

  private handle(message: CoordinatorMessage): void {
    switch (message.type) {
      case 'welcome':
        this.welcomed = true;
        this.drop(message.revoked);
        break;
      case 'revoked':
        this.drop(message.revoked);
        break;
      case 'cancel':
      case 'verdict':
        this.drop([message]);
        break;
      case 'offer':
        this.consider(message);
        break;
    }
  }

  private connect(): void {
    this.connection += 1;
    this.welcomed = false;
    const { connection } = this;
    const hello: AgentMessage = { type: 'hello', held: this.held(), slots: this.traits.slots };
    this.send(hello, 'whole');
    this.later(this.random.between(1000, 4000), () => {
      if (connection === this.connection && !this.welcomed) this.connect();
    });
  }

  private held(): HeldLease[] {
    return [...this.work].map(([taskId, { attempt }]) => ({ taskId, attempt }));
  }

  private beat(): void {
    const agentClock = this.timeline.now + this.traits.clockSkewMs;
    if (this.welcomed) this.send({ type: 'heartbeat', held: this.held(), agentClock });
    this.later(timing.heartbeatIntervalMs, () => this.beat());
  }

  private drop(leases: readonly HeldLease[]): void {
    for (const lease of leases) if (this.holds(lease)) this.work.delete(lease.taskId);
  }

  private consider({ taskId, attempt }: HeldLease): void {
    const held = this.work.get(taskId);
    const working = [...this.work].filter(([, work]) => work.stage === 'working').map(([working]) => working);
    const beside = working.filter(isSound).length;
    const room =
      working.length - Math.min(beside, 1) < this.traits.slots ||
      (isSound(taskId) && beside === 0) ||
      held?.stage === 'working';
    const known = held !== undefined && held.attempt >= attempt;
    const accepted = known ? held.attempt === attempt : room && !this.random.chance(0.02);
    this.send({ type: 'offer-answer', taskId, attempt, accepted });
    if (known || !accepted) return;
    const work: Work = { attempt, stage: 'working', outcome: null };
    this.work.set(taskId, work);
    const worksMs = this.bad ? 200 : this.random.between(500, 5000) * this.traits.slowness;
    this.whileHeld(taskId, work, { milliseconds: worksMs, action: () => this.deliver(taskId, work) });
  }

  private deliver(taskId: TaskId, work: Work): void {
    work.stage = 'delivering';
    work.outcome = this.outcome();
    this.send({ type: 'free-slot', taskId, attempt: work.attempt });
    this.whileHeld(taskId, work, {
      milliseconds: this.random.between(10, 1500),
      action: () => this.report(taskId, work),
    });
  }

  private report(taskId: TaskId, work: Work): void {
    work.stage = 'reporting';
    if (work.outcome !== null) this.send({ type: 'finished', taskId, attempt: work.attempt, outcome: work.outcome });
    this.whileHeld(taskId, work, {
      milliseconds: this.random.between(500, 2500),
      action: () => this.report(taskId, work),
    });
  }

  private whileHeld(taskId: TaskId, work: Work, next: { milliseconds: number; action: () => void }): void {
    this.later(next.milliseconds, () => {
      if (this.work.get(taskId) === work) next.action();
    });
  }

  private outcome(): Outcome {
    const failed = (code: ErrorCode): Outcome => ({ kind: 'failed', error: new FarmError(code).toData() });
    if (this.bad || this.random.chance(this.traits.ownFaults)) return failed('ENCODE_FAILED');
    if (this.random.chance(this.traits.storeFaults)) return failed('STORAGE_UNREACHABLE');
    const { nodeId } = this.traits;
    const result = { artifacts: [], report: null, sourceSha256: null, wallSeconds: 1, nodeId, nodeName: nodeId };
    return { kind: 'completed', result };
  }

  private send(message: AgentMessage, kind: 'datagram' | 'whole' = 'datagram'): void {
    const sender: Sender = { nodeId: this.traits.nodeId, connection: this.connection };
    this.network.send(this.traits.nodeId, () => this.door.receive(message, sender), kind);
  }

  /** Goes on a reliable path before an orderly end. */
  leave(): void {
    this.send({ type: 'bye' }, 'whole');
    this.kill();
  }
}
