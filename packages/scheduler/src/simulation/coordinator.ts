import { FarmError, type NodeId, timing } from '@reelmill/protocol';
import type { Effect } from '../command.ts';
import { revokedLeases } from '../leases.ts';
import { currentLease, leasesOf } from '../state.ts';
import { type DispatchParts, SimulatedDispatch } from './dispatch.ts';
import { examined } from './examine.ts';
import type { HouseWork } from './houseWork.ts';
import type { AgentMessage, CoordinatorMessage, Sender, Standing, UntimedCommand } from './messages.ts';
import type { Network } from './network.ts';
import { jobSpace, type SimulatedDisk } from './simulatedDisk.ts';
import type { SimulatedStore } from './store.ts';

const tickMs = 500;

export interface AgentDoor {
  receive(message: CoordinatorMessage, connection: number): void;
  closed(connection: number): void;
}

interface Parts extends DispatchParts {
  readonly network: Network;
  readonly store: SimulatedStore;
}

/** The host: talks to agents, dies, and comes back with what the disk holds. */
export class SimulatedCoordinator extends SimulatedDispatch {
  readonly agents = new Map<NodeId, AgentDoor>();
  private readonly network: Network;
  private readonly store: SimulatedStore;
  private readonly connections = new Map<NodeId, number>();
  private ticks = 0;
  /** The last that each connection said of itself: the real line keeps the order, the simulated one does not. */
  private readonly said = new Map<NodeId, number>();
  houseWork: HouseWork | null = null;
  /** Null: nobody measures it. */
  disk: SimulatedDisk | null = null;

  constructor(parts: Parts) {
    super(parts);
    this.network = parts.network;
    this.store = parts.store;
  }

  /** As the real one, it hears agents only once its start is on disk. */
  private doorsOpen = false;

  start(): void {
    this.begin();
    this.connections.clear();
    this.said.clear();
    this.doorsOpen = false;
    this.ticks = 0;
    this.does({ type: 'boot' }, () => {
      this.doorsOpen = true;
    });
    this.later(tickMs, () => this.tick());
  }

  override kill(): void {
    super.kill();
    this.houseWork?.stopAll();
    const connections = [...this.connections];
    for (const [nodeId, connection] of connections) this.closeLater(nodeId, connection, this.random.between(1, 500));
  }

  protected override revive(): void {
    this.timeline.after(500, () => this.alive || this.start());
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
    if (!this.alive || !this.doorsOpen) return;
    this.watch.arrived(message, this.connections.get(sender.nodeId) === sender.connection);
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
      case 'standing':
        if (current) this.noteStanding(nodeId, message.standing);
        return;
      case 'bye':
        if (current) this.leave(nodeId, 'bye');
        return;
      case 'started':
        this.doesAtOnce({ type: 'start-task', nodeId, taskId: message.taskId, attempt: message.attempt });
        return;
      case 'returned':
        this.does({ type: 'return-task', nodeId, taskId: message.taskId, attempt: message.attempt });
        return;
      case 'free-slot':
        this.doesAtOnce({ type: 'free-slot', nodeId, taskId: message.taskId, attempt: message.attempt });
        return;
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
    const { slots, waitingOffers, kindCaps, standing, disk } = message;
    const { said, closure, farmHours, givenBack } = standing;
    this.said.set(nodeId, said);
    const traits = { slots, waitingOffers, kindCaps, toolchainClass: 'x64', local: false, closure, farmHours };
    const node = { nodeId, name: nodeId, ...traits, ...(disk && { disk }) };
    this.does({ type: 'join-node', node, held: message.held, givenBack }, () => {
      this.send(nodeId, { type: 'welcome', revoked: revokedLeases(this.state, nodeId, message.held) });
      this.send(nodeId, { type: 'heard', said });
    });
  }

  private noteStanding(nodeId: NodeId, { said, ...standing }: Standing): void {
    if (said < (this.said.get(nodeId) ?? 0)) return;
    this.said.set(nodeId, said);
    this.does({ type: 'note-standing', nodeId, ...standing }, () => this.send(nodeId, { type: 'heard', said }));
  }

  private heartbeat(message: Extract<AgentMessage, { type: 'heartbeat' }>, { nodeId }: Sender): void {
    const { held, agentClock, disk } = message;
    const beat = { type: 'heartbeat', nodeId, held, ...(disk && { disk }) } as const;
    const command: UntimedCommand & { agentClock: number } = { ...beat, agentClock };
    this.doesAtOnce(command);
    const revoked = revokedLeases(this.state, nodeId, held);
    if (revoked.length > 0) this.send(nodeId, { type: 'revoked', revoked });
    const pause = this.state.pauses.get(nodeId);
    const schedule = this.state.hours.get(nodeId)?.schedule ?? null;
    if (message.farmHours !== schedule) this.send(nodeId, { type: 'hours', schedule });
    if (message.paused !== (pause !== undefined)) this.send(nodeId, { type: 'pause', mode: pause?.mode ?? null });
  }

  private refused(nodeId: NodeId, { taskId, attempt }: { taskId: Sent['taskId']; attempt: number }): void {
    const error = new FarmError('NODE_REFUSED').toData();
    this.does({ type: 'offer-refused', nodeId, taskId, attempt, error });
  }

  private finished(message: Extract<AgentMessage, { type: 'finished' }>, nodeId: NodeId): void {
    const { taskId, attempt } = message;
    const isCurrent = currentLease(this.state, { nodeId, taskId, attempt }) !== undefined;
    const outcome = isCurrent ? examined(this.store, message) : message.outcome;
    const commits = outcome.kind === 'completed';
    this.does({ type: 'finish-task', nodeId, taskId, attempt, outcome }, (verdict) => {
      const counts = verdict === 'accepted' || verdict === 'duplicate';
      if (counts && commits) this.watch.acknowledgedResult(taskId, attempt);
      this.send(nodeId, { type: 'verdict', taskId, attempt });
    });
  }

  /** Every two seconds. */
  private measure(): void {
    this.ticks += 1;
    if (this.disk === null || this.ticks % 4 !== 1) return;
    const { low, roomBytes: freeBytes } = this.disk.read();
    this.doesAtOnce({ type: 'note-space', low, volumes: [{ volume: jobSpace.volume, freeBytes }] });
  }

  private tick(): void {
    this.measure();
    this.does({ type: 'tick' }, () => {
      this.watch.checkDetection(this.state);
      this.watch.checkHouse(this.state, this.houseWork?.attempts ?? []);
    });
    this.later(tickMs, () => this.tick());
  }

  protected override perform(effect: Effect): void {
    switch (effect.type) {
      case 'offer-task':
        this.offer(effect);
        break;
      case 'cancel-lease':
        this.send(effect.nodeId, { type: 'cancel', taskId: effect.taskId, attempt: effect.attempt });
        break;
      case 'recall-lease':
        this.send(effect.nodeId, { type: 'recall', taskId: effect.taskId, attempt: effect.attempt });
        break;
      case 'tell-pause':
        this.send(effect.nodeId, { type: 'pause', mode: effect.pause?.mode ?? null });
        break;
      case 'tell-hours':
        this.send(effect.nodeId, { type: 'hours', schedule: effect.hours?.schedule ?? null });
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
    this.watch.offered(taskId, attempt);
    this.send(nodeId, { type: 'offer', taskId, attempt });
    this.later(timing.offerAckTimeoutMs, () => {
      const lease = leasesOf(this.state, nodeId).get(taskId);
      const unheard = lease?.attempt === attempt && !this.watch.wasHeardOf(taskId, attempt);
      if (unheard) this.refused(nodeId, { taskId, attempt });
    });
  }

  private send(nodeId: NodeId, message: CoordinatorMessage): void {
    const connection = this.connections.get(nodeId);
    if (connection === undefined) return;
    const route = { nodeId, direction: 'to-agent', kind: 'datagram' } as const;
    this.network.send(route, () => this.agents.get(nodeId)?.receive(message, connection));
  }
}

type Sent = Extract<CoordinatorMessage, { type: 'offer' }>;
