import { agentNamespace, FarmError, interfaceNamespace, type NodeId } from '@reelmill/protocol';
import { Server as SocketServer } from 'socket.io';
import { joinCommandLine, lanAddresses, preferredAddress } from '../discovery/lanAddresses.ts';
import { type Discovery, startDiscovery } from '../discovery/lanDiscovery.ts';
import type { DoorStanding, Doors, DoorsOptions } from '../farmCorePort.ts';
import { isLoopback, isOwnHost, refuseCaller } from '../http/callers.ts';
import { type CredentialFacts, callerOf, callerOfToken } from '../http/credentials.ts';
import { createHttpDoor } from '../http/httpDoor.ts';
import { Sessions } from '../http/sessions.ts';
import { sweepPartialUploads } from '../http/uploads.ts';
import { challengeWith } from '../pairing/authenticate.ts';
import { NodeKeys } from '../pairing/nodeKeys.ts';
import { openAgentDoor } from './agentDoor.ts';
import type { AgentNamespace } from './agentSession.ts';
import { type InterfaceNamespace, openInterfaceDoor } from './interfaceDoor.ts';
import { Listener } from './listener.ts';
import { type RawConnection, WaitingRoom } from './waitingRoom.ts';

/** Largest message of an interface: thousands of dropped paths. Agents are held to 64 KiB by their own door. */
const messageLimitBytes = 4 * 1024 ** 2;
const waiting = { atMost: 256, forMs: 10_000 } as const;
/** Together below the 12 s within which a dead agent is noticed (decision 31). */
const pulse = { pingInterval: 6_500, pingTimeout: 5_000 } as const;

function createSocketServer(server: import('node:http').Server, room: WaitingRoom, extraOrigins: readonly string[]) {
  const sockets = new SocketServer(server, {
    transports: ['websocket'],
    serveClient: false,
    connectTimeout: waiting.forMs,
    maxHttpBufferSize: messageLimitBytes,
    ...pulse,
    allowRequest: (request, decide) => {
      const rebinding = request.headers.origin !== undefined && !isOwnHost(request.headers.host);
      const refusal = refuseCaller(request, { extraOrigins }) ?? (rebinding ? 'Not under that name.' : undefined);
      decide(refusal ?? (room.isFull ? 'Too many are waiting.' : null), refusal === undefined && !room.isFull);
    },
  });
  sockets.engine.on('connection', (connection: RawConnection) => room.enter(connection));
  return sockets;
}

/** Why an interface socket may not enter: the owner token or a session of this machine's browser opens it. */
function interfaceRefusal(
  socket: Parameters<Parameters<InterfaceNamespace['use']>[0]>[0],
  credentials: CredentialFacts,
): FarmError | undefined {
  const token: unknown = socket.handshake.auth.token;
  const { headers } = socket.handshake;
  const caller =
    typeof token === 'string'
      ? callerOfToken(token, credentials)
      : callerOf({ headers, remoteAddress: socket.request.socket.remoteAddress }, credentials);
  if (caller === 'owner') return undefined;
  return new FarmError(caller === 'agent' ? 'FORBIDDEN' : 'NOT_AUTHORIZED');
}

/** Discovery and the join command follow the LAN switch. */
class LanSwitch {
  readonly #options: DoorsOptions;
  readonly #listener: Listener;
  #discovery: Discovery | null = null;
  #turning: Promise<void> = Promise.resolve();

  constructor(options: DoorsOptions, listener: Listener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** Turns are taken one after the other. */
  set(enabled: boolean): Promise<void> {
    const turn = () => this.#turn(enabled);
    this.#turning = this.#turning.then(turn, turn);
    return this.#turning;
  }

  standing(): DoorStanding {
    const { bound } = this.#listener;
    return { bound, lan: this.#discovery !== null, mdns: this.#discovery?.standing() ?? null };
  }

  async stop(): Promise<void> {
    const discovery = this.#discovery;
    this.#discovery = null;
    await discovery?.stop();
  }

  async #turn(enabled: boolean): Promise<void> {
    await this.#listener.setLan(enabled);
    const port = this.#listener.bound?.port;
    if (port === undefined) return;
    const { projection, joinToken } = this.#options;
    if (enabled) this.#discovery ??= this.#discover(port);
    else await this.stop();
    const host = preferredAddress(lanAddresses());
    projection.setLan({ lan: enabled, joinCommand: enabled ? joinCommandLine(host, port, joinToken) : null });
  }

  #discover(port: number): Discovery {
    const { core, coordinatorId, coordinatorName, logger } = this.#options;
    return startDiscovery({
      coordinatorId,
      coordinatorName,
      port,
      logger,
      found: (node) => core.noteFoundNode(node),
      lost: (nodeId) => core.noteLostNode(nodeId),
    });
  }
}

/**
 * Every door of the coordinator on one HTTP server: REST and interface bundle, the object door, agents' and
 * interfaces' sockets, mDNS. Nothing listens before `listen`.
 */
export async function createDoors(options: DoorsOptions): Promise<Doors> {
  const { core, logger, joinToken, ownerToken, coordinatorId } = options;
  const extraOrigins = options.extraOrigins ?? [];
  const nodeKeys = await NodeKeys.open(options.dataDir, logger);
  const sessions = new Sessions(ownerToken, coordinatorId);
  const credentials: CredentialFacts = { ownerToken, joinToken, nodeKeys, sessions };
  await sweepPartialUploads(options.uploadsFolder);
  const examine = () => core.examine(lan.standing());
  const http = await createHttpDoor({ ...options, credentials, extraOrigins, examine });
  const room = new WaitingRoom(waiting);
  const sockets = createSocketServer(http.server, room, extraOrigins);
  const listener = new Listener(http.server);
  const lan = new LanSwitch(options, listener);
  const agents = openAgentDoor(sockets.of(agentNamespace) as AgentNamespace, {
    core,
    logger,
    authenticate: challengeWith({ coordinatorId, joinToken, nodeKeys }),
    admission: options.admission,
    greeted: (socket) => room.admit(socket.conn as unknown as RawConnection),
    refused: (nodeId, error) => options.projection.noteRefused?.(nodeId, error.toData()),
  });
  const forgetNode = async (nodeId: NodeId): Promise<void> => {
    await nodeKeys.forget(nodeId);
    await agents.drop(nodeId);
    core.forgetNode(nodeId);
  };
  openInterfaceDoor(sockets.of(interfaceNamespace) as InterfaceNamespace, {
    core,
    logger,
    refusal: (socket) => interfaceRefusal(socket, credentials),
    admitted: (socket) => room.admit(socket.conn as unknown as RawConnection),
    setLan: (enabled) => lan.set(enabled),
    forgetNode,
    examine,
  });
  const localUrl = (): string => {
    const bound = listener.bound;
    if (bound === null) throw new FarmError('SERVER_UNREACHABLE', { message: 'The coordinator does not listen yet.' });
    const specific = !isLoopback(bound.host) && bound.host !== '0.0.0.0' && bound.host !== '::';
    return `http://${specific ? bound.host : '127.0.0.1'}:${bound.port}`;
  };
  return {
    async listen(address) {
      const bound = await listener.listen(address, options.lan);
      await lan.set(options.lan);
      return bound;
    },
    interfaceUrl: () => `${localUrl()}/#code=${sessions.newCode()}`,
    apiUrl: localUrl,
    setLan: (enabled) => lan.set(enabled),
    async close() {
      await lan.stop();
      sockets.disconnectSockets(true);
      await listener.close();
      sockets.engine.close();
      await http.close();
    },
  };
}
