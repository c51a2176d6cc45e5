import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FarmError, type SignedGet, type SignedPut } from '@reelmill/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenOnLoopback } from './conformanceServer.ts';
import { codeOf } from './conformanceTools.ts';
import { downloadSigned } from './downloadSigned.ts';
import { sha256OfBytes } from './hashing.ts';
import { uploadSigned } from './uploadSigned.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const bytes = randomBytes(400_000);
const object = { sizeBytes: bytes.length, sha256: sha256OfBytes(bytes) };
let folder: string;
let target: string;
let source: string;
let answers: Answer[];
let requests: number;
let url: string;
let close: () => Promise<void>;

/** A store that answers each request as the script says; the last answer repeats. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-transfers-'));
  [target, source] = [join(folder, 'target'), join(folder, 'source')];
  await writeFile(source, bytes);
  requests = 0;
  const script: Answer = (request, response) => {
    const answer = answers[Math.min(requests, answers.length - 1)];
    requests += 1;
    answer?.(request, response);
  };
  let baseUrl: string;
  ({ baseUrl, close } = await listenOnLoopback(script));
  url = `${baseUrl}/object?signature=secret`;
});
afterEach(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

const status =
  (code: number, text = ''): Answer =>
  (request, response) => {
    request.resume();
    response.writeHead(code).end(text);
  };
const good: Answer = (_request, response) => response.end(bytes);
const cutOff: Answer = (_request, response) => {
  response.writeHead(200, { 'content-length': bytes.length });
  response.write(bytes.subarray(0, 100_000), () => response.destroy());
};
const tooShort: Answer = (_request, response) => response.end(bytes.subarray(1));
const tooLong: Answer = (_request, response) => response.end(Buffer.concat([bytes, bytes]));
const flipped: Answer = (_request, response) => {
  const copy = Buffer.from(bytes);
  copy[200_000] = (copy[200_000] ?? 0) ^ 1;
  response.end(copy);
};
const hangUp: Answer = (_request, response) => void response.destroy();
const silent: Answer = () => undefined;
const swallow: Answer = (request, response) => request.resume().on('end', () => response.end());
const swallowAndHangUp: Answer = (request, response) => request.resume().on('end', () => response.destroy());

const retry = { firstDelayMs: 1, maximumDelayMs: 2, tries: 4 };
const get = (): SignedGet => ({ url, ...object });
const put = (): SignedPut => ({ key: 'videos/x', url, headers: { 'content-length': '400000' }, multipart: null });

test.each([
  ['status 500', status(500)],
  ['status 503 of S3', status(503, '<Error><Code>SlowDown</Code></Error>')],
  ['status 429', status(429)],
  ['a connection that breaks in the middle', cutOff],
  ['a connection that closes without an answer', hangUp],
  ['a body that is too short', tooShort],
  ['a body that is too long', tooLong],
  ['a flipped bit', flipped],
  ['a store that falls silent', silent],
])('a download survives %s', async (_name, fault) => {
  answers = [fault, fault, good];
  expect(await downloadSigned(get(), target, { retry, idleTimeoutMs: 200 })).toEqual(object);
  expect(requests).toBe(3);
  expect((await readFile(target)).equals(bytes)).toBe(true);
  expect((await readdir(folder)).sort()).toEqual(['source', 'target']);
});

test.each([
  ['STORAGE_UNREACHABLE', status(500), 4],
  ['STORAGE_UNREACHABLE', cutOff, 4],
  ['STORAGE_CORRUPT', flipped, 4],
  ['STORAGE_REFUSED', status(403, '<Error><Code>AccessDenied</Code></Error>'), 1],
  ['NOT_FOUND', status(404), 1],
  ['DISK_FULL', status(507), 1],
  ['SOURCE_CHANGED', status(409, JSON.stringify({ ok: false, error: new FarmError('SOURCE_CHANGED').toData() })), 1],
] as const)('a download that stays bad ends as %s and leaves no file', async (code, fault, tries) => {
  answers = [fault];
  expect(await codeOf(downloadSigned(get(), target, { retry }))).toBe(code);
  expect(requests).toBe(tries);
  expect(await readdir(folder)).toEqual(['source']);
});

test('an object of unknown hash is checked by its length', async () => {
  answers = [tooShort, good];
  expect(await downloadSigned({ ...get(), sha256: null }, target, { retry })).toEqual(object);
});

test('nobody listens: STORAGE_UNREACHABLE, and the URL is not in the error', async () => {
  await close();
  const error = await downloadSigned(get(), target, { retry }).catch((thrown: unknown) => thrown as FarmError);
  expect(error).toMatchObject({ code: 'STORAGE_UNREACHABLE' });
  expect(JSON.stringify((error as FarmError).toData())).not.toContain('signature');
  ({ close } = await listenOnLoopback(silent));
});

test.each([
  ['status 500', status(500)],
  ['a connection that closes without an answer', hangUp],
  ['an answer lost after all bytes arrived', swallowAndHangUp],
  ['bytes changed on the way', status(400, '<Error><Code>XAmzContentSHA256Mismatch</Code></Error>')],
  ['a store that falls silent', silent],
])('an upload survives %s', async (_name, fault) => {
  const bodies: Buffer[] = [];
  const keep: Answer = (request, response) => {
    request.on('data', (piece: Buffer) => bodies.push(piece)).on('end', () => response.end());
  };
  answers = [fault, keep];
  await uploadSigned(put(), source, { ...object, retry, idleTimeoutMs: 200 });
  expect(requests).toBe(2);
  expect(Buffer.concat(bodies).equals(bytes)).toBe(true);
});

test('an expired URL is refused at once, also while the body is still being sent', async () => {
  answers = [status(403, '<Error><Code>AccessDenied</Code></Error>')];
  expect(await codeOf(uploadSigned(put(), source, { ...object, retry }))).toBe('STORAGE_REFUSED');
  expect(requests).toBe(1);
});

test('a local file that changed is STORAGE_CORRUPT without retries', async () => {
  answers = [swallow];
  await writeFile(source, Buffer.from(bytes).fill(0, 0, 1000));
  expect(await codeOf(uploadSigned(put(), source, { ...object, retry }))).toBe('STORAGE_CORRUPT');
  expect(requests).toBe(1);
  answers = [
    (request, response) => request.resume().on('end', () => status(400, '<Code>BadDigest</Code>')(request, response)),
  ];
  expect(await codeOf(uploadSigned(put(), source, { ...object, retry }))).toBe('STORAGE_CORRUPT');
  expect(requests).toBe(2);
  await appendFile(source, 'longer');
  expect(await codeOf(uploadSigned(put(), source, { ...object, retry }))).toBe('STORAGE_CORRUPT');
  await rm(source);
  expect(await codeOf(uploadSigned(put(), source, { ...object, retry }))).toBe('STORAGE_CORRUPT');
  expect(requests).toBe(2);
});

test('canceling ends a transfer that hangs', async () => {
  const stopper = new AbortController();
  answers = [() => stopper.abort()];
  expect(await codeOf(downloadSigned(get(), target, { signal: stopper.signal }))).toBe('CANCELED');
  const uploadStopper = new AbortController();
  answers = [() => uploadStopper.abort()];
  expect(await codeOf(uploadSigned(put(), source, { ...object, signal: uploadStopper.signal }))).toBe('CANCELED');
  expect(await readdir(folder)).toEqual(['source']);
});

test('a multipart upload whose completion answered too late is complete', async () => {
  const part: Answer = (request, response) => {
    response.setHeader('etag', '"etag"');
    request.resume().on('end', () => response.end());
  };
  const gone = status(404, '<Error><Code>NoSuchUpload</Code></Error>');
  const multipart = { partSizeBytes: 300_000, partUrls: [url, url], completeUrl: url };
  answers = [part, part, swallowAndHangUp, gone];
  await uploadSigned({ ...put(), multipart }, source, { ...object, retry });
  expect(requests).toBe(4);
  requests = 0;
  answers = [part, part, gone];
  expect(await codeOf(uploadSigned({ ...put(), multipart }, source, { ...object, retry }))).toBe('NOT_FOUND');
  requests = 0;
  answers = [part, part, status(200, '<Error><Code>InternalError</Code></Error>'), swallow];
  await uploadSigned({ ...put(), multipart }, source, { ...object, retry });
  expect(requests).toBe(4);
});
