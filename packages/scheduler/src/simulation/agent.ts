import {
  type ErrorCode,
  FarmError,
  type NodeClosure,
  type PauseMode,
  type Sha256,
  type TaskId,
  timing,
} from '@reelmill/protocol';
import type { HeldLease } from '../command.ts';
import type { AgentTraits, CoordinatorDoor } from './agentTraits.ts';
import { contentOf } from './content.ts';
import { LentMachine } from './lentMachine.ts';
import type { AgentMessage, CoordinatorMessage, Outcome, Sender } from './messages.ts';
import type { Network } from './network.ts';
import { SimulatedProcess } from './process.ts';
import type { Random } from './random.ts';
import type { SimulatedDisk } from './simulatedDisk.ts';
import type { SimulatedStore } from './store.ts';
import type { Timeline } from './timeline.ts';

interface Work {
  readonly attempt: number;
  stage: 'waiting' | 'working' | 'delivering' | 'reporting';
  outcome: Outcome | null;
}

/** Uploads tried before the attempt is given back as the store's fault. */
const uploadTries = 3;

/** Runs beside the slots, one at a time. */
const isSound = (taskId: TaskId): boolean => taskId.endsWith('/audio');

const failure = (code: ErrorCode): Outcome => ({ kind: 'failed', error: new FarmError(code).toData() });

/** What an agent process does: holds leases, works, reports until heard, reconnects with all it holds. */
export class SimulatedAgent extends SimulatedProcess {
  readonly traits: AgentTraits;
  readonly work = new Map<TaskId, Work>();
  private readonly network: Network;
  private readonly store: SimulatedStore;
  private readonly door: CoordinatorDoor;
  connection = 0;
  welcomed = false;
  /** Fails everything it is given. */
  bad = false;
  /** Null: it says nothing of its disk. */
  disk: SimulatedDisk | null = null;
  /** Its flaws and false hashes are gone. */
  repaired = false;
  private uploads = 0;
  private readonly machine = new LentMachine();

  constructor(
    world: { timeline: Timeline; random: Random; network: Network; store: SimulatedStore; door: CoordinatorDoor },
    traits: AgentTraits,
  ) {
    super(world.timeline, world.random);
    this.network = world.network;
    this.store = world.store;
    this.door = world.door;
    this.traits = traits;
  }

  start(): void {
    if (this.alive) return;
    this.begin();
    this.work.clear();
    this.machine.restart();
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
      case 'recall':
        this.giveBack(message);
        break;
      case 'pause':
        this.machine.pausedByFarm = message.mode !== null;
        if (message.mode !== null) this.stop(message.mode);
        break;
      case 'hours':
        this.follow(message.schedule);
        break;
      case 'heard':
        this.machine.wasHeard(message.said);
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
    const { slots, waitingOffers, kindCaps } = this.traits;
    this.machine.forgetFarm();
    const { standing } = this.machine;
    const disk = this.disk?.read() ?? null;
    const hello: AgentMessage = { type: 'hello', held: this.held(), slots, waitingOffers, kindCaps, standing, disk };
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
    const { pausedByFarm: paused, farmHours } = this.machine;
    const disk = this.disk?.read() ?? null;
    if (this.welcomed) this.send({ type: 'heartbeat', held: this.held(), agentClock, paused, farmHours, disk });
    this.later(timing.heartbeatIntervalMs, () => this.beat());
  }

  /** Someone sits down, or stands up. */
  close(closure: NodeClosure | null, mode: PauseMode): void {
    this.arrives(() => {
      this.machine.inUse = closure;
      if (closure === null) this.tell();
      else this.stop(mode);
    });
  }

  /** Hours that begin soon, by its own clock. What is known already is not said again. */
  private follow(schedule: string | null): void {
    const { machine } = this;
    if (machine.farmHours === schedule) return;
    Object.assign(machine, { farmHours: schedule, outsideHours: schedule !== null });
    if (schedule === null) this.tell();
    else this.stop(this.random.pick(['after-chunk', 'now'] as const));
    this.later(this.random.between(100, 4000), () => {
      if (machine.farmHours !== schedule || !machine.outsideHours) return;
      machine.outsideHours = false;
      this.tell();
    });
  }

  /** What waits is given back; with `now` what runs as well. A result that is on its way to the coordinator stays. */
  private stop(mode: PauseMode): void {
    for (const [taskId, { attempt, stage }] of this.work) {
      if (stage === 'reporting' || (stage !== 'waiting' && mode !== 'now')) continue;
      this.work.delete(taskId);
      this.machine.gaveBack({ taskId, attempt });
    }
    this.tell();
  }

  /** Until it is heard, or something newer is said. */
  private tell(): void {
    const isUnheard = this.machine.says();
    const again = (): void => {
      if (!isUnheard()) return;
      if (this.welcomed) this.send({ type: 'standing', standing: this.machine.standing });
      this.later(1500, again);
    };
    again();
  }

  private drop(leases: readonly HeldLease[]): void {
    for (const lease of leases) if (this.holds(lease)) this.work.delete(lease.taskId);
    this.startWaiting();
  }

  private giveBack({ taskId, attempt }: HeldLease): void {
    const work = this.work.get(taskId);
    if (work?.attempt !== attempt || work.stage !== 'waiting') return;
    this.work.delete(taskId);
    this.send({ type: 'returned', taskId, attempt });
  }

  private consider({ taskId, attempt }: HeldLease): void {
    const held = this.work.get(taskId);
    const line = [...this.work.values()].filter((work) => work.stage === 'waiting').length;
    const room = this.hasSlot(taskId) || held?.stage === 'working' || line < this.traits.waitingOffers;
    const known = held !== undefined && held.attempt >= attempt;
    const accepted = known ? held.attempt === attempt : room && this.machine.takesWork && !this.random.chance(0.02);
    this.send({ type: 'offer-answer', taskId, attempt, accepted });
    if (known || !accepted) return;
    this.work.set(taskId, { attempt, stage: 'waiting', outcome: null });
    this.startWaiting();
  }

  private hasSlot(taskId: TaskId): boolean {
    const working = [...this.work].filter(([, work]) => work.stage === 'working').map(([working]) => working);
    const beside = working.filter(isSound).length;
    return working.length - Math.min(beside, 1) < this.traits.slots || (isSound(taskId) && beside === 0);
  }

  private startWaiting(): void {
    for (const [taskId, work] of this.work) {
      if (work.stage !== 'waiting' || !this.hasSlot(taskId)) continue;
      work.stage = 'working';
      this.send({ type: 'started', taskId, attempt: work.attempt });
      const worksMs = this.bad ? 200 : this.random.between(500, 5000) * this.traits.slowness;
      this.whileHeld(taskId, work, { milliseconds: worksMs, action: () => this.deliver(taskId, work) });
    }
  }

  private deliver(taskId: TaskId, work: Work): void {
    work.stage = 'delivering';
    this.startWaiting();
    this.send({ type: 'free-slot', taskId, attempt: work.attempt });
    const failed = this.bad || this.random.chance(this.traits.ownFaults);
    const code = this.random.chance(0.02) ? 'AUTO_SCALER' : 'ENCODE_FAILED';
    if (failed) work.outcome = failure(this.bad ? 'ENCODE_FAILED' : code);
    this.whileHeld(taskId, work, {
      milliseconds: this.random.between(10, 1500),
      action: () => (failed ? this.report(taskId, work) : this.transfer(taskId, work)),
    });
  }

  /** The store may be long in answering; while bytes move, the coordinator is told. */
  private transfer(taskId: TaskId, work: Work): void {
    const hang = this.store.hang();
    const upload = (): void => this.upload(taskId, work, 1);
    if (hang?.moves === true) this.moves(taskId, work);
    if (hang === null) upload();
    else this.whileHeld(taskId, work, { milliseconds: hang.milliseconds, action: upload });
  }

  private moves(taskId: TaskId, work: Work): void {
    if (work.stage !== 'delivering') return;
    this.send({ type: 'free-slot', taskId, attempt: work.attempt });
    this.whileHeld(taskId, work, { milliseconds: 2000, action: () => this.moves(taskId, work) });
  }

  /** A fresh key each time: an upload that seemed to fail may have arrived. */
  private upload(taskId: TaskId, work: Work, attempt: number): void {
    this.uploads += 1;
    const key = `attempts/${taskId}/${work.attempt}-${this.traits.nodeId}-${this.uploads}`;
    const flawed = !this.repaired && this.random.chance(this.traits.flaws);
    const content = contentOf(taskId, flawed ? this.traits.flaw : 'none');
    if (this.store.put(key, content)) {
      const lies = !this.repaired && this.random.chance(this.traits.falseHashes);
      work.outcome = this.completed({ key, sha256: lies ? `not ${content}` : content });
    } else if (attempt < uploadTries) {
      const again = {
        milliseconds: this.random.between(100, 1000),
        action: () => this.upload(taskId, work, attempt + 1),
      };
      this.whileHeld(taskId, work, again);
      return;
    } else {
      work.outcome = failure('STORAGE_UNREACHABLE');
    }
    this.report(taskId, work);
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

  private completed({ key, sha256 }: { key: string; sha256: string }): Outcome {
    const { nodeId } = this.traits;
    const artifacts = [{ name: 'out', key, sizeBytes: 1, sha256: sha256 as Sha256 }];
    const result = { artifacts, report: null, sourceSha256: null, wallSeconds: 1, nodeId, nodeName: nodeId };
    return { kind: 'completed', result };
  }

  private send(message: AgentMessage, kind: 'datagram' | 'whole' = 'datagram'): void {
    const sender: Sender = { nodeId: this.traits.nodeId, connection: this.connection };
    const route = { nodeId: this.traits.nodeId, direction: 'to-coordinator', kind } as const;
    this.network.send(route, () => this.door.receive(message, sender));
  }

  /** Goes on a reliable path before an orderly end. */
  leave(): void {
    this.send({ type: 'bye' }, 'whole');
    this.kill();
  }
}
