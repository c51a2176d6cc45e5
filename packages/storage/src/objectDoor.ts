import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ErrorCode, FarmError, toFarmError } from '@reelmill/protocol';
import type { DiskFiles } from './diskFiles.ts';
import { freeBytes } from './freeBytes.ts';
import { isObjectKey } from './objectKeys.ts';
import { openVerifiedSource } from './originalFile.ts';
import { openSource } from './sealedSource.ts';
import { sendFile } from './sendFile.ts';
import { verifyClaims } from './signedUrls.ts';
import { errnoOf, isAbort, notFound, toStorageError } from './storageErrors.ts';

/** First segment under the door for originals; a dot can never begin a key. */
export const originalSegment = '.original';
const idleTimeoutMs = 60_000;
const privately = { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' };

export interface ObjectDoorOptions {
  readonly files: DiskFiles;
  readonly secret: Uint8Array;
  /** Path under which the door lives, e.g. `/objects`. */
  readonly baseUrlPath: string;
  readonly nowSeconds: () => number;
}

const statusOf: Partial<Record<ErrorCode, number>> = {
  REQUEST_INVALID: 400,
  STORAGE_CORRUPT: 400,
  STORAGE_REFUSED: 403,
  NOT_FOUND: 404,
  SOURCE_NOT_FOUND: 404,
  SOURCE_CHANGED: 409,
  DISK_FULL: 507,
};

/**
 * The signed HTTP door of the embedded store: `GET` (with Range) and `PUT` of one object under a URL that the store
 * signed. Answers errors as `{ ok: false, error }`. Resolves to false, untouched, for URLs of others.
 */
export function createObjectDoor(options: ObjectDoorOptions) {
  const prefix = `${options.baseUrlPath}/`;
  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    if (!path.startsWith(prefix)) return false;
    try {
      await answer({ options, request, response, rest: path.slice(prefix.length), query: new URLSearchParams(query) });
    } catch (thrown) {
      refuse(request, response, thrown);
    }
    return true;
  };
}

interface Exchange {
  readonly options: ObjectDoorOptions;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly rest: string;
  readonly query: URLSearchParams;
}

async function answer(exchange: Exchange): Promise<void> {
  const { request, rest } = exchange;
  if (request.method !== 'GET' && request.method !== 'PUT') {
    throw new FarmError('REQUEST_INVALID', { message: `The object door does not know ${request.method}.` });
  }
  request.setTimeout(idleTimeoutMs, () => request.destroy());
  if (rest.startsWith(`${originalSegment}/`)) return await sendOriginal(exchange);
  if (!isObjectKey(rest)) throw notFound(rest);
  return request.method === 'GET' ? await sendObject(exchange) : await receiveObject(exchange);
}

async function sendObject({ options, request, response, rest: key, query }: Exchange): Promise<void> {
  verifyClaims(options.secret, { method: 'GET', key, query }, options.nowSeconds());
  const handle = await open(options.files.pathOf(key), 'r').catch((thrown: unknown) => {
    throw toStorageError(thrown, key);
  });
  try {
    const { size } = await handle.stat();
    await sendFile(handle, { request, response, sizeBytes: size, headers: privately });
  } finally {
    await handle.close();
  }
}

async function sendOriginal({ options, request, response, rest }: Exchange): Promise<void> {
  if (request.method !== 'GET') throw new FarmError('STORAGE_REFUSED', { message: 'Originals are read-only.' });
  const { identity } = openSource(options.secret, rest.slice(originalSegment.length + 1), options.nowSeconds());
  const handle = await openVerifiedSource(identity);
  try {
    await sendFile(handle, { request, response, sizeBytes: identity.sizeBytes, headers: privately });
  } finally {
    await handle.close();
  }
}

async function receiveObject({ options, request, response, rest: key, query }: Exchange): Promise<void> {
  const claims = verifyClaims(options.secret, { method: 'PUT', key, query }, options.nowSeconds());
  if (claims.method !== 'PUT') throw notFound(key);
  if (request.headers['content-length'] !== String(claims.sizeBytes)) {
    throw new FarmError('STORAGE_REFUSED', { message: 'The upload has another length than its URL allows.' });
  }
  if ((await freeBytes(options.files.folder)) < claims.sizeBytes) throw new FarmError('DISK_FULL');
  const staged = await options.files.stage(key, request, { expected: claims });
  try {
    await staged.commit();
  } finally {
    await staged.discard();
  }
  response.statusCode = 200;
  response.setHeader('etag', `"${claims.sha256}"`);
  response.setHeader('content-length', 0);
  response.end();
}

/** Answers the error, unless the other side has gone or has already been promised a body. */
function refuse(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  const peerGone =
    isAbort(thrown) || errnoOf(thrown) === 'ERR_STREAM_PREMATURE_CLOSE' || (request.destroyed && !request.complete);
  if (peerGone || response.headersSent) {
    response.destroy();
    return;
  }
  const error = toFarmError(thrown);
  const body = Buffer.from(JSON.stringify({ ok: false, error: error.toData() }));
  response.statusCode = request.method === 'GET' || request.method === 'PUT' ? (statusOf[error.code] ?? 500) : 405;
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', body.length);
  response.end(body);
  request.resume(); // the rest of a refused upload is read and dropped, else the client never sees the answer
}
