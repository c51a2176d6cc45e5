import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JobId } from '@reelmill/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rawRequest } from './conformanceOfSignedUrls.ts';
import { bytesOf, codeOf, freshKey } from './conformanceTools.ts';
import { DiskFiles } from './diskFiles.ts';
import { createDiskStore } from './diskStore.ts';
import { type DiskStoreFixture, filesUnder, openDiskStoreFixture } from './diskStoreFixture.ts';
import { sha256OfBytes } from './hashing.ts';
import { objectKeys } from './objectKeys.ts';
import { uploadSigned } from './uploadSigned.ts';

let disk: DiskStoreFixture;

beforeEach(async () => {
  disk = await openDiskStoreFixture();
});
afterEach(() => disk.close());

test('an object is a plain file under its key, readable in place', async () => {
  const key = freshKey('chunk.mp4');
  await disk.store.putBytes(key, Buffer.from('film'));
  expect(disk.store.localPath(key)).toBe(join(disk.folder, key));
  expect(await readFile(disk.store.localPath(key), 'utf8')).toBe('film');
});

test('promoting links, it does not copy', async () => {
  const [from, to] = [freshKey(), freshKey()];
  await disk.store.putBytes(from, randomBytes(1000));
  await disk.store.promote(from, to);
  expect((await stat(disk.store.localPath(from))).ino).toBe((await stat(disk.store.localPath(to))).ino);
});

test('what a crash left half-written is swept at the next start and was never visible', async () => {
  await writeFile(join(disk.folder, '.incoming', 'half'), 'half of an obj');
  expect(await disk.store.list('')).toEqual([]);
  await createDiskStore({ folder: disk.folder, secret: disk.secret }).ready();
  expect(await filesUnder(disk.folder)).toEqual([]);
});

test('a hash is never taken from a sidecar of another file', async () => {
  const key = freshKey();
  await disk.store.putBytes(key, Buffer.from('first'));
  await rm(disk.store.localPath(key));
  await writeFile(disk.store.localPath(key), 'other');
  expect(await disk.store.head(key)).toMatchObject({ sha256: sha256OfBytes(Buffer.from('other')) });
  await writeFile(join(disk.folder, '.sha256', key), '{"sha256":"torn');
  expect(await disk.store.head(key)).toMatchObject({ sha256: sha256OfBytes(Buffer.from('other')) });
});

test('a store that was copied to another disk finds its hashes again', async () => {
  const key = freshKey();
  await disk.store.putBytes(key, Buffer.from('moved'));
  await rm(join(disk.folder, '.sha256'), { recursive: true });
  const get = await disk.store.signGet(key, { ttlSeconds: 60, baseUrl: disk.baseUrl, sha256: null });
  expect(get.sha256).toBeNull();
  expect(await disk.store.head(key)).toMatchObject({ sha256: sha256OfBytes(Buffer.from('moved')) });
  expect(await disk.store.promote(key, freshKey())).toBeUndefined();
});

test('a removed job leaves no byte and no folder', async () => {
  const job = JobId.parse('J-scratchscr');
  await disk.store.putBytes(objectKeys.sourceManifest(job), Buffer.from('{}'));
  await disk.store.putBytes(objectKeys.sourceUpload(job, 'a.mov'), Buffer.from('a'));
  await disk.store.removePrefix(objectKeys.jobPrefix(job));
  expect((await readdir(disk.folder, { recursive: true })).sort()).toEqual(['.incoming', '.sha256']);
});

test('writes and removals of neighbours do not disturb each other', async () => {
  const job = JobId.parse('J-racingraci');
  const keyOf = (index: number): string => objectKeys.sourceUpload(job, `${index}.jpg`);
  const rounds = Array.from({ length: 60 }, async (_none, index) => {
    await disk.store.putBytes(keyOf(index), Buffer.from(String(index)));
    if (index % 2 === 0) await disk.store.remove(keyOf(index));
  });
  await Promise.all(rounds);
  expect((await disk.store.list(objectKeys.jobPrefix(job))).length).toBe(30);
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;
const tmpfsTest = canMount ? test : test.skip;
if (!canMount) console.warn('not run: "a full disk is DISK_FULL …" (mounting a small file system needs root)');

tmpfsTest('a full disk is DISK_FULL at the port and 507 at the door, and nothing half-written stays', async () => {
  const small = join(disk.base, 'small');
  await mkdir(small);
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', small]);
  expect(String(mount.stderr)).toBe('');
  try {
    disk.store = createDiskStore({ folder: join(small, 'store'), secret: disk.secret });
    await disk.store.ready();
    const before = await disk.store.freeBytes();
    expect(before).toBeLessThanOrEqual(2 * 1024 ** 2);
    const bytes = randomBytes(3_000_000);
    const expected = { sizeBytes: bytes.length, sha256: sha256OfBytes(bytes) };
    expect(await codeOf(disk.store.putBytes(freshKey(), bytes))).toBe('DISK_FULL');
    await writeFile(join(disk.base, 'big'), bytes);
    const put = await disk.store.signPut(freshKey(), { ttlSeconds: 60, baseUrl: disk.baseUrl, ...expected });
    expect(await codeOf(uploadSigned(put, join(disk.base, 'big'), expected))).toBe('DISK_FULL');
    expect((await rawRequest('PUT', put.url, { headers: put.headers, body: bytes })).status).toBe(507);
    expect(await disk.store.list('')).toEqual([]);
    expect(await disk.store.freeBytes()).toBe(before);
    const fits = freshKey();
    await disk.store.putBytes(fits, bytes.subarray(0, 1000));
    expect((await bytesOf(await disk.store.get(fits))).length).toBe(1000);
  } finally {
    spawnSync('umount', [small]);
  }
});

test('where hard links are refused a promotion copies, and still never replaces other content', async () => {
  const refuseLinks = (): Promise<void> => Promise.reject(Object.assign(new Error('no links here'), { code: 'EPERM' }));
  const files = new DiskFiles(disk.folder, { linkFile: refuseLinks });
  const [from, to, other] = [freshKey(), freshKey(), freshKey()];
  await disk.store.putBytes(from, Buffer.from('copied'));
  await disk.store.putBytes(other, Buffer.from('others'));
  await files.promote(from, to);
  await files.promote(from, to);
  expect(await readFile(disk.store.localPath(to), 'utf8')).toBe('copied');
  expect(await disk.store.head(to)).toMatchObject({ sha256: sha256OfBytes(Buffer.from('copied')) });
  expect(await codeOf(files.promote(from, other))).toBe('STORAGE_REFUSED');
  expect(await readFile(disk.store.localPath(other), 'utf8')).toBe('others');
  expect(await readdir(join(disk.folder, '.incoming'))).toEqual([]);
});
