import {
  type Admission,
  type AgentHello,
  type AttemptRuns,
  type Envelope,
  FarmError,
  FinishedVerdict,
  type HardwareProof,
  type Heartbeat,
  type LeaseKey,
  type NodeHours,
  type NodeId,
  type NodePause,
  type OfferAnswer,
  SignedPut,
  type StandingReport,
  type TaskFinished,
  type TaskOffer,
  type TaskProgress,
  type UploadRequest,
} from '@reelmill/protocol';
import type { Logger } from 'pino';
import { type Connection, dial, unwrap } from './connection.ts';
import { startHeart } from './heart.ts';
import type { NodeKeys, Secret } from './nodeKeys.ts';
import { pause, Signal } from './waiting.ts';

/** A coordinator to dial. `coordinatorId` null: not known before it says so. */
export interface Target {
  readonly url: string;
  readonly coordinatorId: string | null;
}

export interface SessionOptions {
  readonly nodeId: NodeId;
  readonly keys: NodeKeys;
  readonly log: Logger;
  /** Read at each attempt. */
  joinToken(): string | null;
  /** Resolves with the next address to try; may wait for one to appear. */
  nextTarget(signal: AbortSignal): Promise<Target>;
  hello(admission: Admission): Promise<AgentHello>;
  heartbeat(): Promise<Heartbeat> | Heartbeat;
  onOffer(offer: TaskOffer): OfferAnswer;
  onCancel(key: LeaseKey): void;
  onRecall(key: LeaseKey): boolean;
  onProveHardware(): Promise<HardwareProof[]>;
  /** The farm's pause; told at each change, and with each heartbeat. */
  onPause(pause: NodePause | null): void;
  /** The hours that the farm set; told likewise. */
  onHours(hours: NodeHours | null): void;
  /** What is kept of an attempt; absent: nothing. */
  onReadLog?(key: LeaseKey): Promise<AttemptRuns>;
  onJoined(admission: Admission, target: Target): void;
  onLeft(reason: string): void;
  /** Return false to give up: `run` then rejects with the error. */
  onRefused(error: FarmError, target: Target | null): boolean;
}

/** The agent's side of the control channel: reconnects for ever, keeps calls until a connection can carry them. */
export interface Session {
  /** Ends when `signal` is aborted; rejects with a FarmError that `onRefused` declared final. */
  run(signal: AbortSignal): Promise<void>;
  requestUpload(request: UploadRequest, signal: AbortSignal): Promise<SignedPut>;
  finish(finished: TaskFinished, signal: AbortSignal): Promise<FinishedVerdict>;
  /** Survives reconnects; `read` is asked at each try. */
  standing(read: () => StandingReport, signal: AbortSignal): Promise<void>;
  /** Volatile: dropped while disconnected. */
  progress(progress: TaskProgress): void;
  /** Drops the connection and says hello again: what it said has changed. */
  rejoin(): void;
  /** Orderly leave; resolves after the coordinator's ack or a second. */
  bye(): Promise<void>;
}

const ackTimeoutMs = 10_000;
const byeTimeoutMs = 1_000;
const redial = { firstMs: 100, factor: 1.8, maxMs: 2_000, refusedMs: 5_000 };

export function createSession(options: SessionOptions): Session {
  let current: Connection | null = null;
  const joined = new Signal();

  const dialTarget = (target: Target, secret: Secret, signal: AbortSignal): Promise<Connection> =>
    dial({
      url: target.url,
      nodeId: options.nodeId,
      secret,
      signal,
      hello: options.hello,
      onNodeKey: (coordinatorId, key) => options.keys.keep(coordinatorId, key),
      onOffer: options.onOffer,
      onCancel: options.onCancel,
      onRecall: options.onRecall,
      onProveHardware: options.onProveHardware,
      onPause: options.onPause,
      onHours: options.onHours,
      ...(options.onReadLog && { onReadLog: options.onReadLog }),
    });

  /** The node key where we have one, else the token; a coordinator that lost our key gets the token's proof. */
  const connect = async (target: Target, signal: AbortSignal): Promise<Connection> => {
    const nodeKey = target.coordinatorId === null ? null : options.keys.read(target.coordinatorId);
    const token = options.joinToken();
    if (nodeKey !== null) {
      try {
        return await dialTarget(target, { kind: 'node-key', value: nodeKey }, signal);
      } catch (cause) {
        const lostKey = cause instanceof FarmError && ['NOT_AUTHORIZED', 'ROGUE_COORDINATOR'].includes(cause.code);
        if (!lostKey || token === null) throw cause;
        options.log.info({ coordinatorId: target.coordinatorId }, 'the node key was refused; using the join token');
      }
    }
    if (token === null) {
      throw new FarmError('NOT_AUTHORIZED', { message: `Joining ${target.url} needs the join token the first time.` });
    }
    return dialTarget(target, { kind: 'join-token', value: token }, signal);
  };

  const stay = async (connection: Connection, target: Target, signal: AbortSignal): Promise<void> => {
    const close = (): void => connection.close();
    signal.addEventListener('abort', close, { once: true });
    current = connection;
    options.onJoined(connection.admission, target);
    for (const key of connection.revokedAtHello) options.onCancel(key);
    joined.set();
    const heart = startHeart(connection, {
      timing: connection.admission,
      read: options.heartbeat,
      onAnswer({ revoked, pause: ordered, hours }) {
        for (const key of revoked) options.onCancel(key);
        if (ordered !== undefined) options.onPause(ordered);
        if (hours !== undefined) options.onHours(hours);
      },
      onDead(cause) {
        options.log.warn({ err: cause }, 'a heartbeat was not answered; dialling again');
        connection.close();
      },
    });
    const reason = await connection.ended;
    heart.stop();
    joined.clear();
    current = null;
    signal.removeEventListener('abort', close);
    options.onLeft(reason);
  };

  /** Survives reconnects: waits for a connection, sends, and sends again when the ack does not come. */
  const call = async <T>(send: (connection: Connection) => Promise<Envelope<T>>, signal: AbortSignal): Promise<T> => {
    for (;;) {
      await joined.wait(signal);
      const connection = current;
      if (connection === null) continue;
      const answer = await send(connection).catch((cause: unknown) => {
        options.log.debug({ err: cause }, 'no answer from the coordinator; asking again');
        return null;
      });
      if (answer !== null) return unwrap(answer);
      await pause(jitter(redial.firstMs), signal);
    }
  };

  return {
    async run(signal) {
      let delayMs = redial.firstMs;
      while (!signal.aborted) {
        let target: Target | null = null;
        try {
          target = await options.nextTarget(signal);
          const connection = await connect(target, signal);
          delayMs = redial.firstMs;
          await stay(connection, target, signal);
        } catch (cause) {
          if (signal.aborted) return;
          if (!(cause instanceof FarmError)) throw cause;
          if (!options.onRefused(cause, target)) throw cause;
          delayMs =
            cause.code === 'SERVER_UNREACHABLE' ? Math.min(delayMs * redial.factor, redial.maxMs) : redial.refusedMs;
        }
        await pause(jitter(delayMs), signal).catch(() => undefined);
      }
    },
    requestUpload: async (request, signal) =>
      SignedPut.parse(await call((on) => on.socket.timeout(ackTimeoutMs).emitWithAck('task:upload', request), signal)),
    finish: async (finished, signal) =>
      FinishedVerdict.parse(
        await call((on) => on.socket.timeout(ackTimeoutMs).emitWithAck('task:finished', finished), signal),
      ),
    async standing(read, signal) {
      await call((on) => on.socket.timeout(ackTimeoutMs).emitWithAck('agent:standing', read()), signal);
    },
    progress: (progress) => void current?.socket.volatile.emit('task:progress', progress),
    rejoin: () => current?.close(),
    async bye() {
      const socket = current?.socket;
      if (socket === undefined) return;
      await socket
        .timeout(byeTimeoutMs)
        .emitWithAck('agent:bye')
        .catch((cause: unknown) => {
          options.log.debug({ err: cause }, 'the goodbye was not answered');
        });
      socket.close();
    },
  };
}

/** Half to whole of the delay: a farm that restarts is not hit by all nodes at once. */
const jitter = (delayMs: number): number => delayMs * (0.5 + Math.random() / 2);
