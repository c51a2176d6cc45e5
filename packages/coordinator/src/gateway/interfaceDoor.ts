import {
  assertNever,
  type CommandAnswer,
  type CoordinatorToInterface,
  type DoctorReport,
  type FarmError,
  InterfaceCommand,
  type InterfaceToCoordinator,
  type JobHistory,
  JobId,
  LogRequest,
  type NodeId,
} from '@reelmill/protocol';
import type { Logger } from 'pino';
import type { DefaultEventsMap, Namespace, Socket } from 'socket.io';
import type { FarmCore } from '../farmCorePort.ts';
import { answering } from './answer.ts';
import { type PatchSink, PatchStream } from './patchStream.ts';

type InterfaceSocket = Socket<InterfaceToCoordinator, CoordinatorToInterface, DefaultEventsMap, unknown>;
export type InterfaceNamespace = Namespace<InterfaceToCoordinator, CoordinatorToInterface, DefaultEventsMap, unknown>;

export interface InterfaceDoorFacts {
  readonly core: FarmCore;
  readonly logger: Logger;
  /** Undefined when the socket may enter, else why not. */
  refusal(socket: InterfaceSocket): FarmError | undefined;
  admitted(socket: InterfaceSocket): void;
  setLan(enabled: boolean): Promise<void>;
  forgetNode(nodeId: NodeId): Promise<void>;
  examine(): Promise<DoctorReport>;
}

/** A window that stopped reading (asleep, suspended): it gets a fresh snapshot when it comes back. */
const unreadPacketsAtMost = 400;

/** The part of an Engine.IO connection that is needed here. */
interface RawConnection {
  readonly writeBuffer: readonly unknown[];
  once(event: 'drain', listener: () => void): unknown;
}

/** Commands of all get their turn between two pages; a slow reader gets its next page when it has taken the one before. */
function whenRead(conn: RawConnection, run: () => void): void {
  if (conn.writeBuffer.length === 0) setImmediate(run);
  else conn.once('drain', () => setImmediate(run));
}

async function run(command: InterfaceCommand, facts: InterfaceDoorFacts): Promise<CommandAnswer> {
  const { core } = facts;
  switch (command.type) {
    case 'submit':
      return core.submit(command.request);
    case 'cancel':
      await core.cancel(command.jobId);
      return null;
    case 'retry':
      await core.retry(command.jobId);
      return null;
    case 'remove':
      await core.remove(command.jobId);
      return null;
    case 'discard':
      await core.discard(command.jobId);
      return null;
    case 'restore':
      await core.restore(command.jobId);
      return null;
    case 'change':
      await core.change(command.jobId, command.change);
      return null;
    case 'duplicate':
      return core.duplicate(command.jobId);
    case 'retry-failures':
      return core.retryFailures(command);
    case 'give-up-failures':
      return core.giveUpFailures(command);
    case 'order':
      await core.order(command.jobId, command.change);
      return null;
    case 'pause-farm':
      await core.pauseFarm(command.stopAfter, command.now);
      return null;
    case 'resume-farm':
      await core.resumeFarm();
      return null;
    case 'pause-node':
      await core.pauseNode(command.nodeId, { now: command.now, by: 'owner' });
      return null;
    case 'resume-node':
      await core.resumeNode(command.nodeId);
      return null;
    case 'schedule-node':
      await core.scheduleNode(command.nodeId, { schedule: command.schedule, by: 'owner' });
      return null;
    case 'forget-node':
      await facts.forgetNode(command.nodeId);
      return null;
    case 'set-lan':
      await facts.setLan(command.enabled);
      return null;
    case 'examine':
      return facts.examine();
    case 'add-watch-folder':
      return core.addWatchFolder(command.request);
    case 'change-watch-folder':
      return core.changeWatchFolder(command.watchFolderId, command.change);
    case 'remove-watch-folder':
      await core.removeWatchFolder(command.watchFolderId);
      return null;
    default:
      return assertNever(command);
  }
}

/** One job at a time: a window shows one. The answer to an older wish stops as soon as it is there. */
function watchOf(socket: InterfaceSocket, core: FarmCore): (jobId: JobId | null) => Promise<JobHistory | null> {
  let stop = (): void => {};
  let wish = 0;
  return async (jobId) => {
    wish += 1;
    const own = wish;
    stop();
    stop = () => {};
    if (jobId === null) return null;
    const watched = await core.watchAttempts(jobId, (patch) => socket.emit('job:history', patch));
    if (own === wish) stop = watched.stop;
    else watched.stop();
    return watched.history;
  };
}

function attach(socket: InterfaceSocket, facts: InterfaceDoorFacts): void {
  const { projection } = facts.core;
  const pagesJobs = socket.handshake.auth.pages === true;
  const sink: PatchSink = {
    snapshot: (snapshot) => socket.emit('farm:snapshot', snapshot),
    patch: (patch) => socket.emit('farm:patch', patch),
  };
  const { conn } = socket as unknown as { conn: RawConnection };
  const stream = new PatchStream(sink, { pagesJobs, later: (run) => whenRead(conn, run) });
  const start = (): void => stream.start(projection.snapshot({ begun: pagesJobs }));
  start();
  const unsubscribe = projection.subscribe((patch) => {
    if (conn.writeBuffer.length + stream.unread > unreadPacketsAtMost) socket.disconnect(true);
    else stream.push(patch.changes);
  });
  const watch = watchOf(socket, facts.core);
  socket.on('disconnect', () => {
    unsubscribe();
    void watch(null);
  });
  const onAsked = socket.on.bind(socket) as (event: string, listener: (...values: unknown[]) => void) => void;
  onAsked('job:watch', answering(JobId.nullable(), watch, facts));
  onAsked(
    'job:log',
    answering(LogRequest, (request) => facts.core.attemptLog(request), facts),
  );
  onAsked(
    'job:quality',
    answering(JobId, (jobId) => facts.core.quality(jobId), facts),
  );
  socket.on('farm:resync', start);
  socket.on(
    'command',
    answering(InterfaceCommand, (command) => run(command, facts), facts),
  );
}

/** Opens the door of windows, browsers and the CLI: snapshot, numbered patches, commands answered by envelopes. */
export function openInterfaceDoor(namespace: InterfaceNamespace, facts: InterfaceDoorFacts): void {
  namespace.use((socket, next) => {
    const refusal = facts.refusal(socket);
    if (refusal === undefined) {
      facts.admitted(socket);
      next();
      return;
    }
    next(Object.assign(new Error(refusal.message), { data: refusal.toData() }));
  });
  namespace.on('connection', (socket) => attach(socket, facts));
}
