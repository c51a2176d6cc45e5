import {
  type Admission,
  AgentHello,
  type AgentToCoordinator,
  AttemptRuns,
  type CoordinatorToAgent,
  type Envelope,
  envelopeOf,
  FarmError,
  HardwareProofs,
  Heartbeat,
  type HeartbeatAnswer,
  type LeaseKey,
  type NodeId,
  OfferAnswer,
  RecallAnswer,
  StandingReport,
  TaskFinished,
  type TaskOffer,
  TaskProgress,
  timing,
  UploadRequest,
} from '@reelmill/protocol';
import type { Logger } from 'pino';
import type { DefaultEventsMap, Namespace, Socket } from 'socket.io';
import { z } from 'zod';
import type { AgentConnection, FarmCore } from '../farmCorePort.ts';
import { hostName } from '../http/callers.ts';
import type { Authenticate } from '../pairing/authenticate.ts';
import { answering } from './answer.ts';

/** A driver that hangs holds an agent up for a while; jobs that ask for hardware wait so long. */
const proveHardwareTimeoutMs = 60_000;
const ProofAnswer = envelopeOf(HardwareProofs);
const LogAnswer = envelopeOf(AttemptRuns);

export type AgentSocket = Socket<AgentToCoordinator, CoordinatorToAgent, DefaultEventsMap, unknown>;
export type AgentNamespace = Namespace<AgentToCoordinator, CoordinatorToAgent, DefaultEventsMap, unknown>;

export interface AgentDoorFacts {
  readonly core: FarmCore;
  readonly logger: Logger;
  readonly authenticate: Authenticate;
  readonly admission: Admission;
  /** The socket proved who it is and said hello. */
  greeted(socket: AgentSocket): void;
  refused(nodeId: NodeId, error: FarmError): void;
}

/** The address as this agent dialled it, else the one its connection arrived at. */
function baseUrlOf(socket: AgentSocket): string {
  const { host } = socket.handshake.headers;
  if (host !== undefined && hostName(host) !== undefined) return `http://${host}`;
  const { localAddress, localPort } = socket.request.socket;
  return `http://${localAddress?.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}

function connectionOf(socket: AgentSocket, nodeId: NodeId): AgentConnection {
  return {
    nodeId,
    address: socket.handshake.address.replace(/^::ffff:/, ''),
    baseUrl: baseUrlOf(socket),
    async offer(offer: TaskOffer) {
      const raw: unknown = await socket.timeout(timing.offerAckTimeoutMs).emitWithAck('task:offer', offer);
      return OfferAnswer.parse(raw);
    },
    async proveHardware() {
      const raw: unknown = await socket.timeout(proveHardwareTimeoutMs).emitWithAck('hardware:prove');
      const answer = ProofAnswer.parse(raw);
      if (answer.ok) return answer.value;
      throw FarmError.fromData(answer.error);
    },
    async recall(key: LeaseKey) {
      const raw: unknown = await socket.timeout(timing.offerAckTimeoutMs).emitWithAck('task:recall', key);
      return RecallAnswer.parse(raw).returned;
    },
    async readLog(key: LeaseKey) {
      const raw: unknown = await socket.timeout(timing.offerAckTimeoutMs).emitWithAck('task:log', key);
      const answer = LogAnswer.parse(raw);
      if (answer.ok) return answer.value;
      throw FarmError.fromData(answer.error);
    },
    cancel(key: LeaseKey) {
      socket.emit('task:cancel', key);
    },
    pause(pause) {
      socket.emit('node:pause', pause);
    },
    hours(hours) {
      socket.emit('node:hours', hours);
    },
  };
}

/** The connection of each node that counts: its latest. */
export class CurrentSessions {
  readonly #sessions = new Map<NodeId, AgentSession>();

  get(nodeId: NodeId): AgentSession | undefined {
    return this.#sessions.get(nodeId);
  }

  async take(session: AgentSession): Promise<void> {
    const older = this.#sessions.get(session.nodeId);
    this.#sessions.set(session.nodeId, session);
    if (older !== session) await older?.end();
  }

  leave(session: AgentSession): void {
    if (this.#sessions.get(session.nodeId) === session) this.#sessions.delete(session.nodeId);
  }
}

/** Everything an admitted agent may say; nothing of it is heard before. */
export class AgentSession {
  readonly #socket: AgentSocket;
  readonly #connection: AgentConnection;
  readonly #facts: AgentDoorFacts;
  readonly #current: CurrentSessions;
  #greeted = false;
  #left = false;

  constructor(socket: AgentSocket, nodeId: NodeId, shared: { facts: AgentDoorFacts; current: CurrentSessions }) {
    this.#socket = socket;
    this.#connection = connectionOf(socket, nodeId);
    this.#facts = shared.facts;
    this.#current = shared.current;
  }

  get nodeId(): NodeId {
    return this.#connection.nodeId;
  }

  listen(): void {
    const { core } = this.#facts;
    const { nodeId } = this;
    const seen = { logger: this.#facts.logger, malformed: () => core.noteRefusedMessage('malformed') };
    const on = this.#socket.on.bind(this.#socket) as (event: string, listener: (...values: unknown[]) => void) => void;
    const after =
      <T, R>(handle: (value: T) => R) =>
      (value: T): R => {
        if (!this.#greeted) {
          seen.malformed();
          throw new FarmError('REQUEST_INVALID', { message: 'The agent must say hello first.' });
        }
        return handle(value);
      };
    on(
      'agent:hello',
      answering(AgentHello, (hello) => this.#hello(hello), seen),
    );
    const heard = answering(
      Heartbeat,
      after((beat: Heartbeat) => core.agentHeartbeat(nodeId, beat)),
      seen,
    );
    on('heartbeat', (raw, ack) => heard(raw, ack ?? this.#cancelRevoked));
    on(
      'task:upload',
      answering(
        UploadRequest,
        after((wish: UploadRequest) => core.agentUpload(nodeId, wish)),
        seen,
      ),
    );
    on(
      'task:finished',
      answering(
        TaskFinished,
        after((end: TaskFinished) => core.agentFinished(nodeId, end)),
        seen,
      ),
    );
    on(
      'agent:standing',
      answering(
        StandingReport,
        after((report: StandingReport) => core.agentStanding(nodeId, report)),
        seen,
      ),
    );
    on('task:progress', (raw) => this.#progress(raw));
    on('agent:bye', (ack) => answering(z.null(), () => this.#leave('bye'), seen)(null, ack));
    on('disconnect', () => void this.#disconnected());
  }

  /** Ends the connection and tells the core. */
  async end(): Promise<void> {
    this.#socket.disconnect(true);
    await this.#leave('disconnected');
  }

  async #disconnected(): Promise<void> {
    try {
      await this.#leave('disconnected');
    } catch (cause) {
      this.#facts.logger.error({ err: cause, nodeId: this.nodeId }, 'a disconnect could not be noted');
    }
  }

  async #hello(hello: AgentHello): Promise<{ revoked: LeaseKey[] }> {
    if (hello.nodeId !== this.nodeId) {
      throw new FarmError('FORBIDDEN', { message: 'The agent greets under another id than it proved.' });
    }
    this.#greeted = true;
    this.#facts.greeted(this.#socket);
    const answer = await this.#facts.core.agentHello(this.#connection, hello);
    // Only now the older connection of this node gives way: the core already holds the new one, so no lease is lost.
    await this.#current.take(this);
    return answer;
  }

  /** The agent did not ask for an answer: it hears only what it must stop. */
  readonly #cancelRevoked = (answer: Envelope<HeartbeatAnswer>): void => {
    if (answer.ok) for (const key of answer.value.revoked) this.#connection.cancel(key);
  };

  #progress(raw: unknown): void {
    const progress = TaskProgress.safeParse(raw);
    if (progress.success && this.#greeted) this.#facts.core.agentProgress(this.nodeId, progress.data);
    else {
      this.#facts.core.noteRefusedMessage('malformed');
      this.#facts.logger.debug({ nodeId: this.nodeId }, 'a progress message was not understood');
    }
  }

  async #leave(reason: 'bye' | 'disconnected'): Promise<null> {
    this.#current.leave(this);
    if (this.#greeted && !this.#left) {
      this.#left = true;
      await this.#facts.core.agentLeft(this.#connection, reason);
    }
    return null;
  }
}
