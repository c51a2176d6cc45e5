import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  apiPrefix,
  applyPatch,
  type CoordinatorToInterface,
  dataFiles,
  type ErrorCode,
  ErrorData,
  FarmError,
  type FarmPatch,
  FarmSnapshot,
  type InterfaceToCoordinator,
  interfaceNamespace,
  RuntimeFile,
} from '@reelmill/protocol';
import { io, type Socket } from 'socket.io-client';
import { defaultDataFolder } from './dataFolders.ts';
import type { FarmFeed, FarmListener } from './followFarm.ts';

export interface ServerOptions {
  readonly server?: string;
  readonly tokenFile?: string;
  readonly data?: string;
}

export interface ServerAccess {
  readonly url: string;
  readonly token: string;
}

/** Decision 13: flags, then environment, then the runtime file of the data folder. */
export async function findServer(options: ServerOptions): Promise<ServerAccess> {
  const folder = options.data ?? defaultDataFolder();
  const url = options.server ?? process.env.REELMILL_SERVER ?? (await readRuntime(folder)).apiUrl;
  const token = await findToken(options, folder);
  return { url: normalise(url), token };
}

const normalise = (url: string): string => new URL(/^https?:\/\//.test(url) ? url : `http://${url}`).origin;

async function readRuntime(folder: string): Promise<RuntimeFile> {
  try {
    return RuntimeFile.parse(JSON.parse(await readFile(join(folder, dataFiles.runtime), 'utf8')));
  } catch (cause) {
    throw new FarmError('SERVER_UNREACHABLE', {
      message: `No coordinator runs with the data folder ${folder}.`,
      cause,
    });
  }
}

async function findToken(options: ServerOptions, folder: string): Promise<string> {
  if (options.tokenFile === undefined && process.env.REELMILL_TOKEN !== undefined)
    return process.env.REELMILL_TOKEN.trim();
  const file = options.tokenFile ?? join(folder, dataFiles.ownerToken);
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new FarmError('NOT_AUTHORIZED', { message: `No owner token at ${file}.`, cause });
  }
}

/** Refusals that end by themselves. */
const roomComes: readonly ErrorCode[] = ['QUEUE_FULL', 'DISK_LOW'];

/** How often a refusal for want of room is taken as an order to wait. */
const patience = 30;

/**
 * One REST call; errors of the server come back as the FarmError they were. Where the queue is full it waits as long as
 * it is told to and tries again; a body that can be read only once is not sent again.
 */
export async function callApi<T>(access: ServerAccess, path: string, init: RequestInit = {}): Promise<T> {
  for (let turn = 1; ; turn += 1) {
    try {
      return await callOnce<T>(access, path, init);
    } catch (thrown) {
      const waitSeconds = thrown instanceof FarmError && roomComes.includes(thrown.code) ? waitOf(thrown) : null;
      if (waitSeconds === null || turn === patience || isReadOnce(init.body)) throw thrown;
      process.stderr.write(`The coordinator has no room just now; again in ${waitSeconds} s\n`);
      await new Promise((resolve) => setTimeout(resolve, waitSeconds * 1000));
    }
  }
}

const isReadOnce = (body: RequestInit['body']): boolean => body != null && typeof body !== 'string';

function waitOf({ details }: FarmError): number | null {
  const { retryAfterSeconds } = details as { retryAfterSeconds?: unknown };
  return typeof retryAfterSeconds === 'number' ? retryAfterSeconds : null;
}

async function callOnce<T>(access: ServerAccess, path: string, init: RequestInit): Promise<T> {
  const response = await send(access, path, init);
  const text = await response.text();
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** The bytes of an output, or what `Range` asks for of them; errors of the server come back as the FarmError they were. */
export const openDownload = (access: ServerAccess, path: string, init: RequestInit): Promise<Response> =>
  send(access, path, init);

async function send(access: ServerAccess, path: string, init: RequestInit): Promise<Response> {
  const headers = { authorization: `Bearer ${access.token}`, ...(init.headers as Record<string, string> | undefined) };
  const response = await fetch(`${access.url}${apiPrefix}${path}`, { ...init, headers }).catch((cause) => {
    throw new FarmError('SERVER_UNREACHABLE', { message: `No coordinator answers at ${access.url}.`, cause });
  });
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null); // a proxy may answer in its own words
  const error = ErrorData.safeParse((body as { error?: unknown } | null)?.error);
  if (error.success) throw FarmError.fromData(error.data);
  throw new FarmError(response.status === 401 ? 'NOT_AUTHORIZED' : 'INTERNAL', {
    message: `The coordinator answered ${response.status}.`,
  });
}

type InterfaceSocket = Socket<CoordinatorToInterface, InterfaceToCoordinator>;

export interface RemoteFeed extends FarmFeed {
  readonly socket: InterfaceSocket;
  close(): void;
}

/** Live feed over the interface socket, ready after its first snapshot. Reconnects by itself until closed. */
export async function openFeed(access: ServerAccess): Promise<RemoteFeed> {
  const socket: InterfaceSocket = io(`${access.url}${interfaceNamespace}`, {
    transports: ['websocket'],
    auth: { token: access.token },
  });
  const listeners = new Set<FarmListener>();
  let latest = await firstSnapshot(socket, access);
  const publish = (patch: FarmPatch | null): void => {
    for (const listener of listeners) listener(latest.farm, patch);
  };
  socket.on('farm:snapshot', (snapshot) => {
    latest = snapshot;
    publish(null);
  });
  socket.on('farm:patch', (patch) => {
    if (patch.epoch !== latest.epoch || patch.sequence !== latest.sequence + 1) {
      if (patch.epoch !== latest.epoch || patch.sequence > latest.sequence) socket.emit('farm:resync');
      return;
    }
    latest = { ...latest, sequence: patch.sequence, farm: applyPatch(latest.farm, patch) };
    publish(patch);
  });
  return {
    socket,
    follow(listener) {
      listeners.add(listener);
      listener(latest.farm, null);
      return () => listeners.delete(listener);
    },
    close: () => void socket.close(),
  };
}

function firstSnapshot(socket: InterfaceSocket, access: ServerAccess): Promise<FarmSnapshot> {
  return new Promise((resolve, reject) => {
    socket.once('farm:snapshot', (raw) => resolve(FarmSnapshot.parse(raw)));
    socket.once('connect_error', (cause) => {
      socket.close();
      const code = /not_authorized/i.test(cause.message) ? 'NOT_AUTHORIZED' : 'SERVER_UNREACHABLE';
      reject(new FarmError(code, { cause, details: { url: access.url } }));
    });
  });
}
