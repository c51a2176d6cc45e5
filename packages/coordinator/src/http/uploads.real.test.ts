import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestDoors, ownerToken, type TestDoors } from '../gateway/testing/testDoors.ts';
import { safeUploadName, storeUpload, sweepPartialUploads, uploadLimitBytes } from './uploads.ts';

let open: TestDoors;
beforeEach(async () => {
  open = await openTestDoors();
});
afterEach(() => open.close());

const folder = () => join(open.dataDir, 'uploads');
const authorization = `Bearer ${ownerToken}`;
const upload = (name: string, body: Uint8Array<ArrayBuffer>, type = 'video/mp4') =>
  fetch(`${open.url}/api/v1/uploads/${encodeURIComponent(name)}`, {
    method: 'PUT',
    headers: { authorization, 'content-type': type },
    body,
  });

test.each(['video/mp4', 'application/json', 'application/octet-stream'])(
  'an upload of type %s arrives whole with its hash',
  async (type) => {
    const bytes = Buffer.from(randomBytes(3_000_000));
    const response = await upload('Reel A.mov', bytes, type);
    expect(response.status).toBe(201);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const answer = (await response.json()) as { uploadId: string };
    expect(answer).toMatchObject({ name: 'Reel A.mov', sizeBytes: bytes.length, sha256 });
    const [registered] = open.core.uploads;
    expect(registered).toEqual({ ...answer, path: join(folder(), answer.uploadId, 'Reel A.mov') });
    expect(
      createHash('sha256')
        .update(await readFile(registered?.path ?? ''))
        .digest('hex'),
    ).toBe(sha256);
  },
);

test('an aborted upload leaves nothing behind', async () => {
  const headers = { authorization, 'content-length': 10_000_000 };
  const sent = request(`${open.url}/api/v1/uploads/half.mp4`, { method: 'PUT', headers, agent: false });
  sent.on('error', () => undefined);
  await new Promise<void>((resolve) => sent.write(randomBytes(2_000_000), () => resolve()));
  sent.destroy();
  await expect.poll(() => readdir(folder()), { timeout: 5_000 }).toEqual([]);
  expect(open.core.uploads).toEqual([]);
});

test('an upload above 20 GiB is refused before a byte of it is read', async () => {
  const sent = request(`${open.url}/api/v1/uploads/huge.mp4`, {
    method: 'PUT',
    headers: { authorization, 'content-length': uploadLimitBytes + 1 },
    agent: false,
  });
  const status = await new Promise((resolve, reject) => {
    sent.on('response', (response) => resolve(response.statusCode)).on('error', reject);
    sent.flushHeaders();
  });
  sent.destroy();
  expect(status).toBe(413);
  expect(await readdir(folder())).toEqual([]);
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\films\\a.mov', 'a.mov'],
  ['.hidden.mp4', 'hidden.mp4'],
  ['a\u202egpj.mov', 'agpj.mov'],
  ['line\nbreak.mp4', 'linebreak.mp4'],
  ['what?*.mp4', 'what__.mp4'],
  ['e\u0301.mp4', '\u00e9.mp4'],
])('the name %j becomes %j', (raw, safe) => {
  expect(safeUploadName(raw)).toBe(safe);
});

test.each(['', '..', '/', ' . '])('the name %j is refused', (raw) => {
  expect(() => safeUploadName(raw)).toThrow('file name');
});

test('a long name keeps its extension and fits a file system', () => {
  const name = safeUploadName(`${'\u00e9'.repeat(300)}.mov`);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
  expect(name.endsWith('.mov')).toBe(true);
});

test('what a crash left half-written is swept at the next start, finished uploads stay', async () => {
  const { Readable } = await import('node:stream');
  const facts = { name: 'a.mp4', body: Readable.from([Buffer.from('film')]), declaredBytes: null };
  const { uploadId } = await storeUpload(folder(), facts);
  const { mkdir, writeFile } = await import('node:fs/promises');
  await mkdir(join(folder(), 'U-aaaaaaaaaa'));
  await writeFile(join(folder(), 'U-aaaaaaaaaa', '.part'), 'half');
  await sweepPartialUploads(folder());
  expect(await readdir(folder())).toEqual([uploadId]);
});
