import { FarmError, type NodeId, timing } from '@reelmill/protocol';
import { revokedLeases } from '../leases.ts';
import type { Command, Effect, SchedulerState } from '../model.ts';
import { initialState, leasesOf } from '../state.ts';
import type { HouseWork } from './houseWork.ts';
import { SimulatedJournal } from './journal.ts';
import type { AgentMessage, CoordinatorMessage, Sender, UntimedCommand } from './messages.ts';
import type { Network } from './network.ts';
import { SimulatedProcess } from './process.ts';
import type { PromiseWatch } from './promiseWatch.ts';
import type { Random } from './random.ts';
import type { Rules } from './rules.ts';
import type { Timeline } from './timeline.ts';

const tickMs = 500;
const houseSlots = 2;
const iso = '2026-01-01T00:00:00.000Z';

export interface AgentDoor {
  receive(message: CoordinatorMessage, connection: number): void;
  closed(connection: number): void;
}

interface Parts {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly network: Network;
  readonly watch: PromiseWatch;
  readonly rules: Rules;
}

/** The host: journals, waits for the disk, then acts; dies and comes back with what the disk holds. */
export class SimulatedCoordinator extends SimulatedProcess {
  readonly journal = new SimulatedJournal();
  readonly agents = new Map<NodeId, AgentDoor>();
  private readonly parts: Parts;
  private readonly connections = new Map<NodeId, number>();
  private startedAt = 0;
  /** Reading of the lease clock at the start of this process: anything. */
  private clockOffset = 0;
  state: SchedulerState = initialState;
  houseWork: HouseWork | null = null;

  constructor(parts: Parts) {
    super(parts.timeline, parts.random);
    this.parts = parts;
  }

  get clock(): number {
    return this.timeline.now - this.startedAt + this.clockOffset;
  }

  start(): void {
    this.begin();
    this.startedAt = this.timeline.now;
    this.clockOffset = this.random.pick([0, 17, 5_000, 4_000_000]);
    this.connections.clear();
    this.state = this.parts.rules.evolveAll(initialState, this.journal.read());
    this.parts.watch.restarted(this.state);
    this.does({ type: 'boot' });
    this.later(tickMs, () => this.tick());
  }

  override kill(): void {
    this.parts.watch.replayed(this.journal.all(), this.state);
    super.kill();
    this.houseWork?.stopAll();
    this.journal.crash(this.random);
    const connections = [...this.connections];
    for (const [nodeId, connection] of connections) this.closeLater(nodeId, connection, this.random.between(1, 500));
  }

  override resume(): void {
    if (this.paused) this.parts.watch.resumed();
    super.resume();
  }

  connectionOf(nodeId: NodeId): number | undefined {
    return this.connections.get(nodeId);
  }

  /** The ping of a silent connection timed out. */
  disconnect(nodeId: NodeId): void {
    const connection = this.connections.get(nodeId);
    if (connection === undefined) return;
    this.arrives(() => {
      if (this.connections.get(nodeId) === connection) this.leave(nodeId, 'disconnected');
    });
    this.closeLater(nodeId, connection, 10);
  }

  private leave(nodeId: NodeId, reason: 'bye' | 'disconnected'): void {
    this.connections.delete(nodeId);
    this.does({ type: 'leave-node', nodeId, reason });
  }

  /** Something in the same process, or a client at its API, acts on it. */
  fromInside(action: () => void): void {
    this.arrives(action);
  }

  private closeLater(nodeId: NodeId, connection: number, milliseconds: number): void {
    this.timeline.after(milliseconds, () => this.agents.get(nodeId)?.closed(connection));
  }

  receive(message: AgentMessage, sender: Sender): void {
    if (!this.alive) return;
    this.parts.watch.arrived(message, this.connections.get(sender.nodeId) === sender.connection);
    this.arrives(() => this.handle(message, sender));
  }

  private handle(message: AgentMessage, { nodeId, connection }: Sender): void {
    const current = this.connections.get(nodeId) === connection;
    switch (message.type) {
      case 'hello':
        this.join(message, { nodeId, connection });
        break;
      case 'heartbeat':
        if (current) this.heartbeat(message, { nodeId, connection });
        return;
      case 'bye':
        if (current) this.leave(nodeId, 'bye');
        return;
      case 'free-slot':
        return void this.does({ type: 'free-slot', nodeId, taskId: message.taskId, attempt: message.attempt });
      case 'offer-answer':
        if (!message.accepted) this.refused(nodeId, message);
        return;
      case 'finished':
        this.finished(message, nodeId);
        break;
    }
  }

  private join(message: Extract<AgentMessage, { type: 'hello' }>, sender: Sender): void {
    const { nodeId, connection } = sender;
    if ((this.connections.get(nodeId) ?? -1) >= connection) return;
    this.connections.set(nodeId, connection);
    const node = { nodeId, name: nodeId, slots: message.slots, toolchainClass: 'x64', local: false };
    this.does({ type: 'join-node', node, held: message.held }, () => {
      this.send(nodeId, { type: 'welcome', revoked: revokedLeases(this.state, nodeId, message.held) });
    });
  }

  private heartbeat(message: Extract<AgentMessage, { type: 'heartbeat' }>, { nodeId }: Sender): void {
    const { held, agentClock } = message;
    const command: UntimedCommand & { agentClock: number } = { type: 'heartbeat', nodeId, held, agentClock };
    this.does(command);
    const revoked = revokedLeases(this.state, nodeId, held);
    if (revoked.length > 0) this.send(nodeId, { type: 'revoked', revoked });
  }

  private refused(nodeId: NodeId, { taskId, attempt }: { taskId: Sent['taskId']; attempt: number }): void {
    const error = new FarmError('NODE_REFUSED').toData();
    this.does({ type: 'offer-refused', nodeId, taskId, attempt, error });
  }

  private finished(message: Extract<AgentMessage, { type: 'finished' }>, nodeId: NodeId): void {
    const { taskId, attempt, outcome } = message;
    const commits = outcome.kind === 'completed';
    const answer = (accepted: boolean) => () => {
      if (accepted && commits) this.parts.watch.acknowledgedResult(taskId, attempt, this.state);
      this.send(nodeId, { type: 'verdict', taskId, attempt });
    };
    const command: UntimedCommand = { type: 'finish-task', nodeId, taskId, attempt, outcome };
    const decision = this.does(command, answer(true));
    if (decision !== 'accepted') this.afterDurable(answer(decision === 'duplicate'));
  }

  /** Decides, journals, and once that is durable acts and answers. */
  does(untimed: UntimedCommand, answer: () => void = () => undefined): string {
    const { rules, watch } = this.parts;
    const command = { ...untimed, at: this.clock, iso } as Command;
    const before = this.state;
    const decision = rules.decide(before, command, { houseSlots });
    if (decision.kind === 'rejected') return decision.reason;
    this.state = rules.evolveAll(before, decision.events);
    watch.decided({ before, command, events: decision.events, after: this.state });
    const durable = decision.events.filter(rules.isDurable);
    const act = () => {
      for (const effect of decision.effects) this.perform(effect);
      answer();
    };
    if (rules.actsBeforeDurable) act();
    const thenDo = rules.actsBeforeDurable ? () => undefined : act;
    if (durable.length === 0 && this.journal.isSynced) thenDo();
    else this.append(durable, thenDo);
    return 'accepted';
  }

  /** Once everything decided so far is on disk. */
  afterDurable(action: () => void): void {
    if (this.journal.isSynced) action();
    else this.append([], action);
  }

  private append(events: Parameters<SimulatedJournal['append']>[0]['events'], thenDo: () => void): void {
    const alreadySyncing = !this.journal.isSynced;
    this.journal.append({ events, thenDo });
    if (alreadySyncing) return;
    const slow = this.random.chance(0.01);
    this.later(slow ? 2000 : this.random.between(1, 20), () => this.journal.sync());
  }

  private tick(): void {
    this.does({ type: 'tick' });
    this.parts.watch.checkDetection(this.state);
    this.later(tickMs, () => this.tick());
  }

  private perform(effect: Effect): void {
    switch (effect.type) {
      case 'offer-task':
        this.offer(effect);
        break;
      case 'cancel-lease':
        this.send(effect.nodeId, { type: 'cancel', taskId: effect.taskId, attempt: effect.attempt });
        break;
      case 'run-house-task':
        this.houseWork?.run(effect.taskId, effect.attempt);
        break;
      case 'cancel-house-task':
        this.houseWork?.stop(effect.taskId, effect.attempt);
        break;
      case 'sweep-job':
        return;
    }
  }

  private offer({ nodeId, taskId, attempt }: Extract<Effect, { type: 'offer-task' }>): void {
    this.parts.watch.offered(taskId, attempt);
    this.send(nodeId, { type: 'offer', taskId, attempt });
    this.later(timing.offerAckTimeoutMs, () => {
      const lease = leasesOf(this.state, nodeId).get(taskId);
      const unheard = lease?.attempt === attempt && !this.parts.watch.wasHeardOf(taskId, attempt);
      if (unheard) this.refused(nodeId, { taskId, attempt });
    });
  }

  private send(nodeId: NodeId, message: CoordinatorMessage): void {
    const connection = this.connections.get(nodeId);
    if (connection === undefined) return;
    this.parts.network.send(nodeId, () => this.agents.get(nodeId)?.receive(message, connection));
  }
}

type Sent = Extract<CoordinatorMessage, { type: 'offer' }>;
