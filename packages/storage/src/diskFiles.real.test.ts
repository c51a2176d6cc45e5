import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobId } from '@reelmill/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rawRequest } from './conformanceOfSignedUrls.ts';
import { listenOnLoopback } from './conformanceServer.ts';
import { bytesOf, codeOf, freshKey } from './conformanceTools.ts';
import { DiskFiles } from './diskFiles.ts';
import { createDiskStore, type DiskStore } from './diskStore.ts';
import { sha256OfBytes } from './hashing.ts';
import { objectKeys } from './objectKeys.ts';
import { uploadSigned } from './uploadSigned.ts';

const secret = randomBytes(32);
let base: string;
let folder: string;
let store: DiskStore;
let baseUrl: string;
let close: () => Promise<void>;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'reelmill-disk-'));
  folder = join(base, 'store');
  store = createDiskStore({ folder, secret });
  await store.ready();
  ({ baseUrl, close } = await listenOnLoopback(
    async (request, response) => void (await store.handle(request, response)),
  ));
});
afterEach(async () => {
  await close();
  await rm(base, { recursive: true, force: true });
});

const filesUnder = async (path: string): Promise<string[]> =>
  (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

test('an object is a plain file under its key, readable in place', async () => {
  const key = freshKey('chunk.mp4');
  await store.putBytes(key, Buffer.from('film'));
  expect(store.localPath(key)).toBe(join(folder, key));
  expect(await readFile(store.localPath(key), 'utf8')).toBe('film');
});

test('promoting links, it does not copy', async () => {
  const [from, to] = [freshKey(), freshKey()];
  await store.putBytes(from, randomBytes(1000));
  await store.promote(from, to);
  expect((await stat(store.localPath(from))).ino).toBe((await stat(store.localPath(to))).ino);
});

test('what a crash left half-written is swept at the next start and was never visible', async () => {
  await writeFile(join(folder, '.incoming', 'half'), 'half of an obj');
  expect(await store.list('')).toEqual([]);
  await createDiskStore({ folder, secret }).ready();
  expect(await filesUnder(folder)).toEqual([]);
});

test('a hash is never taken from a sidecar of another file', async () => {
  const key = freshKey();
  await store.putBytes(key, Buffer.from('first'));
  await rm(store.localPath(key));
  await writeFile(store.localPath(key), 'other');
  expect(await store.head(key)).toMatchObject({ sha256: sha256OfBytes(Buffer.from('other')) });
  await writeFile(join(folder, '.sha256', key), '{"sha256":"torn');
  expect(await store.head(key)).toMatchObject({ sha256: sha256OfBytes(Buffer.from('other')) });
});

test('a store that was copied to another disk finds its hashes again', async () => {
  const key = freshKey();
  await store.putBytes(key, Buffer.from('moved'));
  await rm(join(folder, '.sha256'), { recursive: true });
  const get = await store.signGet(key, { ttlSeconds: 60, baseUrl, sha256: null });
  expect(get.sha256).toBeNull();
  expect(await store.head(key)).toMatchObject({ sha256: sha256OfBytes(Buffer.from('moved')) });
  expect(await store.promote(key, freshKey())).toBeUndefined();
});

test('a removed job leaves no byte and no folder', async () => {
  const job = JobId.parse('J-scratchscr');
  await store.putBytes(objectKeys.sourceManifest(job), Buffer.from('{}'));
  await store.putBytes(objectKeys.sourceUpload(job, 'a.mov'), Buffer.from('a'));
  await store.removePrefix(objectKeys.jobPrefix(job));
  expect((await readdir(folder, { recursive: true })).sort()).toEqual(['.incoming', '.sha256']);
});

test('writes and removals of neighbours do not disturb each other', async () => {
  const job = JobId.parse('J-racingraci');
  const keyOf = (index: number): string => objectKeys.frame(job, `${index}.jpg`);
  const rounds = Array.from({ length: 60 }, async (_none, index) => {
    await store.putBytes(keyOf(index), Buffer.from(String(index)));
    if (index % 2 === 0) await store.remove(keyOf(index));
  });
  await Promise.all(rounds);
  expect((await store.list(objectKeys.jobPrefix(job))).length).toBe(30);
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;
const tmpfsTest = canMount ? test : test.skip;
if (!canMount) console.warn('not run: "a full disk is DISK_FULL …" (mounting a small file system needs root)');

tmpfsTest('a full disk is DISK_FULL at the port and 507 at the door, and nothing half-written stays', async () => {
  const small = join(base, 'small');
  await mkdir(small);
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', small]);
  expect(String(mount.stderr)).toBe('');
  try {
    store = createDiskStore({ folder: join(small, 'store'), secret });
    await store.ready();
    const before = await store.freeBytes();
    expect(before).toBeLessThanOrEqual(2 * 1024 ** 2);
    const bytes = randomBytes(3_000_000);
    const expected = { sizeBytes: bytes.length, sha256: sha256OfBytes(bytes) };
    expect(await codeOf(store.putBytes(freshKey(), bytes))).toBe('DISK_FULL');
    await writeFile(join(base, 'big'), bytes);
    const put = await store.signPut(freshKey(), { ttlSeconds: 60, baseUrl, ...expected });
    expect(await codeOf(uploadSigned(put, join(base, 'big'), expected))).toBe('DISK_FULL');
    expect((await rawRequest('PUT', put.url, { headers: put.headers, body: bytes })).status).toBe(507);
    expect(await store.list('')).toEqual([]);
    expect(await store.freeBytes()).toBe(before);
    const fits = freshKey();
    await store.putBytes(fits, bytes.subarray(0, 1000));
    expect((await bytesOf(await store.get(fits))).length).toBe(1000);
  } finally {
    spawnSync('umount', [small]);
  }
});

test('where hard links are refused a promotion copies, and still never replaces other content', async () => {
  const refuseLinks = (): Promise<void> => Promise.reject(Object.assign(new Error('no links here'), { code: 'EPERM' }));
  const files = new DiskFiles(folder, { linkFile: refuseLinks });
  const [from, to, other] = [freshKey(), freshKey(), freshKey()];
  await store.putBytes(from, Buffer.from('copied'));
  await store.putBytes(other, Buffer.from('others'));
  await files.promote(from, to);
  await files.promote(from, to);
  expect(await readFile(store.localPath(to), 'utf8')).toBe('copied');
  expect(await store.head(to)).toMatchObject({ sha256: sha256OfBytes(Buffer.from('copied')) });
  expect(await codeOf(files.promote(from, other))).toBe('STORAGE_REFUSED');
  expect(await readFile(store.localPath(other), 'utf8')).toBe('others');
  expect(await readdir(join(folder, '.incoming'))).toEqual([]);
});
