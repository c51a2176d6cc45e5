import { randomBytes } from 'node:crypto';
import {
  Admission,
  type AgentHello,
  type AgentToCoordinator,
  type AttemptRuns,
  AuthChallenge,
  agentNamespace,
  type CoordinatorToAgent,
  type Envelope,
  ErrorData,
  FarmError,
  type HardwareProof,
  HeartbeatAnswer,
  LeaseKey,
  NodeHours,
  type NodeId,
  NodePause,
  type OfferAnswer,
  protocolRange,
  TaskOffer,
  toFarmError,
} from '@reelmill/protocol';
import { io, type Socket } from 'socket.io-client';
import type { HeartLine } from './heart.ts';
import { answerChallenge, deriveNodeKey, type Secret } from './nodeKeys.ts';

type AgentSocket = Socket<CoordinatorToAgent, AgentToCoordinator>;

export interface DialOptions {
  /** `http://host:port`. */
  readonly url: string;
  readonly nodeId: NodeId;
  readonly secret: Secret;
  readonly signal: AbortSignal;
  hello(admission: Admission): Promise<AgentHello>;
  /** The coordinator proved itself and admitted us by join token: keep this key for the next time. */
  onNodeKey(coordinatorId: string, key: string): void;
  onOffer(offer: TaskOffer): OfferAnswer;
  onCancel(key: LeaseKey): void;
  /** Whether the offer still waited: it is given back. */
  onRecall(key: LeaseKey): boolean;
  onProveHardware(): Promise<HardwareProof[]>;
  onPause(pause: NodePause | null): void;
  onHours(hours: NodeHours | null): void;
  /** What is kept of an attempt; absent: nothing. */
  onReadLog?(key: LeaseKey): Promise<AttemptRuns>;
}

/** One admitted connection. It never reconnects by itself. */
export interface Connection extends HeartLine {
  readonly admission: Admission;
  /** Leases named in the hello that the coordinator no longer honours. */
  readonly revokedAtHello: readonly LeaseKey[];
  readonly socket: AgentSocket;
  /** Resolves with the reason when the connection has ended. */
  readonly ended: Promise<string>;
  close(): void;
}

const dialTimeoutMs = 8_000;

/**
 * Dials once: WebSocket, mutual challenge, admission, hello. Resolves when the farm counts this node.
 * @throws FarmError SERVER_UNREACHABLE, ROGUE_COORDINATOR, NOT_AUTHORIZED, PROTOCOL_MISMATCH, or what it refused with.
 */
export async function dial(options: DialOptions): Promise<Connection> {
  const agentNonce = randomBytes(32).toString('hex');
  const socket: AgentSocket = io(`${options.url}${agentNamespace}`, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    timeout: dialTimeoutMs,
    auth: { nodeId: options.nodeId, nonce: agentNonce, protocol: protocolRange, secret: options.secret.kind },
  });
  const ended = new Promise<string>((resolve) => socket.once('disconnect', (reason) => resolve(reason)));
  takeWork(socket, options);
  try {
    const admission = await admit(socket, options, agentNonce);
    const answer = await socket.timeout(dialTimeoutMs).emitWithAck('agent:hello', await options.hello(admission));
    const { revoked } = HeartbeatAnswer.parse(unwrap(answer as Envelope<unknown>));
    return {
      admission,
      revokedAtHello: revoked,
      socket,
      ended,
      close: () => socket.close(),
      tell: (beat) => void socket.emit('heartbeat', beat),
      ask: (beat, timeoutMs) => socket.timeout(timeoutMs).emitWithAck('heartbeat', beat),
    };
  } catch (cause) {
    socket.close();
    throw cause instanceof FarmError ? cause : unreachable(options.url, cause);
  }
}

const unreachable = (url: string, cause: unknown): FarmError =>
  new FarmError('SERVER_UNREACHABLE', {
    message: `No coordinator answers at ${url}: ${toFarmError(cause).message.replace(/^An unexpected error: /, '')}.`,
    cause,
    details: { url },
  });

/** Value of an acknowledged message, or the error it carries. @throws FarmError */
export function unwrap<T>(answer: Envelope<T>): T {
  if (answer.ok) return answer.value;
  throw FarmError.fromData(ErrorData.parse(answer.error));
}

/** Offers may arrive before the hello is answered. */
function takeWork(socket: AgentSocket, options: DialOptions): void {
  socket.on('task:offer', (raw, ack) => {
    const offer = TaskOffer.safeParse(raw);
    if (offer.success) return ack(options.onOffer(offer.data));
    const error = new FarmError('REQUEST_INVALID', {
      message: `The offer does not fit its schema: ${offer.error.message}`,
    });
    ack({ accepted: false, error: error.toData() });
  });
  socket.on('task:recall', (raw, ack) => {
    const key = LeaseKey.safeParse(raw);
    ack({ returned: key.success && options.onRecall(key.data) });
  });
  socket.on('hardware:prove', (ack) => {
    options.onProveHardware().then(
      (value) => ack({ ok: true, value }),
      (cause: unknown) => ack({ ok: false, error: toFarmError(cause).toData() }),
    );
  });
  socket.on('task:log', (raw, ack) => {
    const key = LeaseKey.safeParse(raw);
    const nothing: Promise<AttemptRuns> = Promise.resolve([]);
    const runs = key.success ? (options.onReadLog?.(key.data) ?? nothing) : nothing;
    runs.then(
      (value) => ack({ ok: true, value }),
      (cause: unknown) => ack({ ok: false, error: toFarmError(cause).toData() }),
    );
  });
  socket.on('node:pause', (raw) => {
    const pause = NodePause.nullable().safeParse(raw);
    if (pause.success) options.onPause(pause.data);
  });
  socket.on('node:hours', (raw) => {
    const hours = NodeHours.nullable().safeParse(raw);
    if (hours.success) options.onHours(hours.data);
  });
  socket.on('task:cancel', (raw) => {
    const key = LeaseKey.safeParse(raw);
    if (key.success) options.onCancel(key.data);
  });
}

function admit(socket: AgentSocket, options: DialOptions, agentNonce: string): Promise<Admission> {
  return new Promise((resolve, reject) => {
    let nodeKey: { coordinatorId: string; key: string } | null = null;
    const timer = setTimeout(() => reject(new Error('it did not admit this node in time')), dialTimeoutMs);
    const onAbort = (): void => reject(new FarmError('INTERRUPTED'));
    const settle = (): void => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', onAbort);
    };
    const refuse = (error: unknown): void => {
      settle();
      reject(error);
    };
    options.signal.addEventListener('abort', onAbort, { once: true });
    if (options.signal.aborted) refuse(new FarmError('INTERRUPTED'));
    socket.once('connect_error', (error) => refuse(refusalOf(error)));
    socket.once('disconnect', (reason) => refuse(new Error(`it closed the connection (${reason})`)));
    socket.on('auth:refused', (raw) => refuse(FarmError.fromData(ErrorData.parse(raw))));
    socket.on('auth:challenge', (raw, ack) => {
      try {
        const question = {
          challenge: AuthChallenge.parse(raw),
          nodeId: options.nodeId,
          agentNonce,
          secret: options.secret,
        };
        ack(answerChallenge(question));
        nodeKey = { coordinatorId: question.challenge.coordinatorId, key: deriveNodeKey(question) };
      } catch (cause) {
        const error = cause instanceof FarmError ? cause : new FarmError('ROGUE_COORDINATOR', { cause });
        ack({ refused: error.toData() });
        refuse(error);
      }
    });
    socket.once('agent:admitted', (raw) => {
      settle();
      // Without a proof of the coordinator's side nobody is admitted, whatever the message says.
      if (nodeKey === null) return reject(new FarmError('ROGUE_COORDINATOR'));
      const admission = Admission.parse(raw);
      if (options.secret.kind === 'join-token') options.onNodeKey(nodeKey.coordinatorId, nodeKey.key);
      resolve(admission);
    });
  });
}

/** A refusal by the door's middleware travels in `data`; anything else is the network. */
function refusalOf(error: Error & { data?: unknown }): unknown {
  const refusal = ErrorData.safeParse(error.data);
  return refusal.success ? FarmError.fromData(refusal.data) : error;
}
