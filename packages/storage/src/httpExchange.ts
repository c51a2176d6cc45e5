import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { ErrorData, FarmError } from '@reelmill/protocol';
import { z } from 'zod';

const defaultIdleTimeoutMs = 60_000;
const longestErrorBody = 64 * 1024;

export interface HttpExchange {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: Readable | Buffer;
  readonly signal?: AbortSignal | undefined;
  /** Gives up when nothing moves for so long; default 60 s. */
  readonly idleTimeoutMs?: number | undefined;
}

/**
 * One HTTP request, streaming both ways; resolves with the answer of status 2xx, whose body the caller reads.
 * Any other status throws the FarmError it stands for; a broken connection throws Node's own error.
 */
export async function exchange(options: HttpExchange): Promise<IncomingMessage> {
  const response = await send(options);
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return response;
  const text = await readText(response, longestErrorBody);
  if (options.body && 'destroy' in options.body) options.body.destroy();
  throw errorOfStatus(status, text);
}

/** Reads at most `limitBytes` of a body and drops the rest. */
export async function readText(response: IncomingMessage, limitBytes: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size >= limitBytes) break;
  }
  return Buffer.concat(pieces).toString('utf8');
}

function send({
  method,
  url,
  headers,
  body,
  signal,
  idleTimeoutMs = defaultIdleTimeoutMs,
}: HttpExchange): Promise<IncomingMessage> {
  const open = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = open(url, { method, headers, ...(signal ? { signal } : {}) });
    request.setTimeout(idleTimeoutMs, () => {
      request.destroy(Object.assign(new Error('the store fell silent'), { code: 'ETIMEDOUT' }));
    });
    request.on('error', reject);
    request.on('response', resolve); // may come before the body is through: a refusal
    if (body === undefined || Buffer.isBuffer(body)) request.end(body);
    else {
      pipeline(body, request, (error) => {
        if (error) reject(error);
      });
    }
  });
}

const Refusal = z.object({ ok: z.literal(false), error: ErrorData });

/** What an HTTP status of a store means; `text` is its body: our JSON or S3's XML. Never holds the URL. */
export function errorOfStatus(status: number, text: string): FarmError {
  const own = ownError(text);
  if (own !== null && own.code !== 'INTERNAL') return FarmError.fromData(own);
  const storeCode = /<Code>([A-Za-z0-9]{1,80})<\/Code>/.exec(text)?.[1] ?? null;
  const details = { status, storeCode };
  if (storeCode !== null && corruptCodes.has(storeCode)) return new FarmError('STORAGE_CORRUPT', { details });
  if (status === 507) return new FarmError('DISK_FULL', { details });
  if (status === 404) return new FarmError('NOT_FOUND', { message: 'The store holds no such object.', details });
  if (status >= 500 || status === 429 || status === 408) {
    const message = `The object store answers with status ${status}.`;
    return new FarmError('STORAGE_UNREACHABLE', { message, details });
  }
  const message = `The object store refused the request${storeCode === null ? '' : `: ${storeCode}`}.`;
  return new FarmError('STORAGE_REFUSED', { message, details });
}

/** S3 codes for bytes that arrived changed or incomplete. */
const corruptCodes = new Set(['XAmzContentSHA256Mismatch', 'BadDigest', 'IncompleteBody', 'InvalidDigest']);

function ownError(text: string): ErrorData | null {
  if (!text.startsWith('{')) return null;
  try {
    return Refusal.safeParse(JSON.parse(text)).data?.error ?? null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null; // someone else's answer
    throw thrown;
  }
}
