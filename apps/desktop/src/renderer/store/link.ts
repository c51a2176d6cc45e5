import {
  assertNever,
  type CommandAnswer,
  type CoordinatorToInterface,
  type Envelope,
  ErrorData,
  type InterfaceCommand,
  type InterfaceToCoordinator,
  interfaceNamespace,
  type JobHistoryPatch,
} from '@reelmill/protocol';
import { io, type Socket } from 'socket.io-client';
import type { HostConnection } from '../../shared/farmHost.ts';
import { acceptPatch, acceptSnapshot, setLink, useFarmStore } from './farmStore.ts';
import { claimSession } from './session.ts';

type FarmSocket = Socket<CoordinatorToInterface, InterfaceToCoordinator>;

const answerTimeoutMs = 20_000;
let socket: FarmSocket | null = null;
const waiters = new Set<(connected: FarmSocket) => void>();

/** Joins this window to its coordinator, for the life of the page: through the host in Electron, else same-origin. */
export async function startLink(): Promise<void> {
  const host = window.farmHost;
  if (host) {
    host.onConnection(followHost);
    followHost(await host.connection());
    return;
  }
  const refusal = await claimSession();
  if (refusal) setLink({ kind: 'refused', ...refusal });
  else connect(window.location.origin, {});
}

function followHost(connection: HostConnection): void {
  switch (connection.kind) {
    case 'starting':
      setLink({ kind: 'connecting' });
      break;
    case 'down':
      setLink({ kind: 'offline', cause: connection.cause, fix: connection.fix });
      break;
    case 'ready':
      connect(connection.apiUrl, { token: connection.token });
      break;
    default:
      assertNever(connection);
  }
}

function connect(apiUrl: string, auth: Record<string, string>): void {
  socket?.removeAllListeners();
  socket?.disconnect();
  const opened: FarmSocket = io(`${apiUrl}${interfaceNamespace}`, {
    transports: ['websocket'],
    auth: { ...auth, pages: true },
    forceNew: true,
    reconnectionDelay: 250,
    reconnectionDelayMax: 2000,
  });
  socket = opened;
  let greeted = false;
  opened.on('farm:snapshot', (snapshot) => {
    acceptSnapshot(snapshot);
    for (const waiter of waiters) waiter(opened);
    waiters.clear();
    if (!greeted) for (const listener of liveListeners) listener();
    greeted = true;
  });
  opened.on('disconnect', () => {
    greeted = false;
  });
  for (const [event, listener] of eventListeners) opened.on(event, listener);
  opened.on('farm:patch', (patch) => acceptPatch(patch, () => opened.emit('farm:resync')));
  opened.on('disconnect', () => setLink(lostLink));
  opened.on('connect_error', (error) => setLink(linkFault(error)));
}

const lostLink = {
  kind: 'offline',
  cause: 'The connection to the coordinator was lost.',
  fix: 'It is being restored; rendering goes on without this window.',
} as const;

function linkFault(error: Error): ReturnType<typeof useFarmStore.getState>['link'] {
  const data = ErrorData.safeParse((error as { data?: unknown }).data);
  const known = data.success ? data.data : null;
  if (known) return { kind: 'refused', cause: known.cause, fix: known.fix };
  if (useFarmStore.getState().replica) return lostLink;
  return {
    kind: 'offline',
    cause: 'The coordinator does not answer.',
    fix: 'This window keeps trying; check that `reelmill serve` is running.',
  };
}

function connectedSocket(): Promise<FarmSocket> {
  if (socket?.connected && useFarmStore.getState().link.kind === 'live') return Promise.resolve(socket);
  return new Promise((resolve) => waiters.add(resolve));
}

/** Sends one command. While the coordinator is away it waits and is sent when the link is back. Throws `CommandError`. */
export async function sendCommand(command: InterfaceCommand): Promise<CommandAnswer> {
  const target = await connectedSocket();
  const answer = await target
    .timeout(answerTimeoutMs)
    .emitWithAck('command', command)
    .catch((cause: unknown) => {
      throw new CommandError(noAnswer, cause);
    });
  if (!answer.ok) throw new CommandError(answer.error);
  return answer.value;
}

type Question = Exclude<keyof InterfaceToCoordinator, 'command' | 'farm:resync'>;

/** Asks the coordinator; waits for the link like a command. Throws `CommandError`. */
export async function askFarm<T>(question: Question, about: unknown): Promise<T> {
  const target = await connectedSocket();
  const answer = await (target.timeout(answerTimeoutMs) as unknown as Asking)
    .emitWithAck(question, about)
    .catch((cause: unknown) => {
      throw new CommandError(noAnswer, cause);
    });
  if (!answer.ok) throw new CommandError(answer.error);
  return answer.value as T;
}

interface Asking {
  emitWithAck(question: Question, about: unknown): Promise<Envelope<unknown>>;
}

const eventListeners = new Map<'job:history', (value: JobHistoryPatch) => void>();
const liveListeners = new Set<() => void>();

/** Messages beside the farm's own stream; heard across reconnects. */
export function onFarmEvent(event: 'job:history', listener: (value: JobHistoryPatch) => void): void {
  eventListeners.set(event, listener);
}

/** Called whenever a connection has its first snapshot. */
export const onLinkLive = (listener: () => void): void => void liveListeners.add(listener);

const noAnswer = {
  cause: 'The coordinator did not answer in time.',
  fix: 'Look whether the change arrived, then try again.',
};

/** A refused command: one sentence of cause, one of remedy. */
export class CommandError extends Error {
  readonly fix: string;
  constructor(error: { cause: string; fix: string }, cause?: unknown) {
    super(error.cause, { cause });
    this.name = 'CommandError';
    this.fix = error.fix;
  }
}
