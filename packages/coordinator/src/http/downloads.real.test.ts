import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobView } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinToken, openTestDoors, ownerToken, type TestDoors } from '../gateway/testing/testDoors.ts';

const jobId = 'J-aaaaaaaaaa';
const bytes = randomBytes(300_000);
const sha256 = createHash('sha256').update(bytes).digest('hex');
let open: TestDoors;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-outputs-'));
  const film = join(folder, 'Überblick „eins“.mp4');
  await writeFile(film, bytes);
  await mkdir(join(folder, 'sheets'));
  await writeFile(join(folder, 'sheets', 'sheet_0001.jpg'), 'a picture');
  await writeFile(join(folder, 'secret'), 'outside');
  open = await openTestDoors();
  const output = { frames: 1, sizeBytes: bytes.length, sha256 };
  const outputs = [
    { ...output, rendition: 'h264-720p', path: film },
    { ...output, rendition: 'h264-480p', path: film, sizeBytes: bytes.length + 1 },
    { ...output, rendition: 'h264-360p', path: join(folder, 'gone.mp4') },
    { ...output, rendition: 'sprites', path: join(folder, 'sheets') },
  ];
  open.core.farm = {
    ...open.core.farm,
    jobs: [{ jobId, outputs, package: null, state: 'done' } as unknown as JobView],
  };
});
afterAll(async () => {
  await open.close();
  await rm(folder, { recursive: true });
});

const ask = (output: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${open.url}/api/v1/jobs/${jobId}/outputs/${output}`, {
    method,
    headers: { authorization: `Bearer ${ownerToken}`, ...headers },
  });
const bodyOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

test('an output comes whole, with its hash as ETag and its own name', async () => {
  const answer = await ask('h264-720p');
  expect(answer.status).toBe(200);
  expect((await bodyOf(answer)).equals(bytes)).toBe(true);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    etag: `"${sha256}"`,
    'accept-ranges': 'bytes',
    'content-length': '300000',
    'content-type': 'video/mp4',
    'cache-control': 'private, no-cache',
    'x-content-type-options': 'nosniff',
    'content-disposition': `attachment; filename="Uberblick eins.mp4"; filename*=UTF-8''%C3%9Cberblick%20%E2%80%9Eeins%E2%80%9C.mp4`,
  });
});

test.each([
  ['bytes=100-199', 100, 200],
  ['bytes=299990-', 299_990, 300_000],
  ['bytes=-10', 299_990, 300_000],
])('%s: that part of it', async (range, start, end) => {
  const answer = await ask('h264-720p', { range });
  expect([answer.status, answer.headers.get('content-range')]).toEqual([206, `bytes ${start}-${end - 1}/300000`]);
  expect((await bodyOf(answer)).equals(bytes.subarray(start, end))).toBe(true);
});

test('a part on the condition of the same file, of another one all of it', async () => {
  const range = 'bytes=10-19';
  expect((await ask('h264-720p', { range, 'if-range': `"${sha256}"` })).status).toBe(206);
  const other = await ask('h264-720p', { range, 'if-range': '"another"' });
  expect([other.status, (await bodyOf(other)).length]).toEqual([200, 300_000]);
});

test('who has it already gets nothing, HEAD only what is said of it, beyond its end there is nothing', async () => {
  expect((await ask('h264-720p', { 'if-none-match': `"x", "${sha256}"` })).status).toBe(304);
  const head = await ask('h264-720p', {}, 'HEAD');
  expect([head.status, head.headers.get('content-length'), (await bodyOf(head)).length]).toEqual([200, '300000', 0]);
  const beyond = await ask('h264-720p', { range: 'bytes=300000-' });
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */300000']);
});

test('a folder answers its files, and each of them', async () => {
  expect(await (await ask('sprites')).json()).toEqual({ files: [{ name: 'sheet_0001.jpg', sizeBytes: 9 }] });
  const file = await ask('sprites/sheet_0001.jpg');
  expect([await file.text(), file.headers.get('content-type')]).toEqual(['a picture', 'image/jpeg']);
});

test.each([
  ['h264-1080p', 404, 'NOT_FOUND'],
  ['package', 404, 'NOT_FOUND'],
  ['h264-480p', 409, 'OUTPUT_CHANGED'],
  ['h264-360p', 409, 'OUTPUT_CHANGED'],
  ['h264-720p/inner', 404, 'NOT_FOUND'],
  ['sprites/nothing.jpg', 404, 'NOT_FOUND'],
  ['sprites/..%2Fsecret', 404, 'NOT_FOUND'],
  ['sprites/%2e%2e%2f%2e%2e%2fsecret', 404, 'NOT_FOUND'],
])('%s: %i %s', async (output, status, code) => {
  const answer = await ask(output);
  expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([status, code]);
});

test('only its owner has it', async () => {
  const path = `${open.url}/api/v1/jobs/${jobId}/outputs/h264-720p`;
  expect((await fetch(path)).status).toBe(401);
  expect((await fetch(path, { headers: { authorization: `Bearer ${joinToken}` } })).status).toBe(403);
});
