import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderDigest, publishFolder } from './publishFolder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-folder-'));
  await mkdir(join(folder, '.part'));
  await writeFile(join(folder, '.part', 'index.m3u8'), 'a');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const { signal } = new AbortController();

async function publish(notedPath: string | null): Promise<{ path: string; noted: string[] }> {
  const noted: string[] = [];
  const path = await publishFolder({
    partPath: join(folder, '.part'),
    wantedPath: join(folder, 'film.v2_package'),
    notedPath,
    note: async (name) => void noted.push(name),
    signal,
  });
  return { path, noted };
}

test('a folder appears whole under its name, which was journaled before', async () => {
  const { path, noted } = await publish(null);
  expect(noted).toEqual([path]);
  expect(path).toBe(join(folder, 'film.v2_package'));
  expect(await readdir(path)).toEqual(['index.m3u8']);
  expect(await readdir(folder)).toEqual(['film.v2_package']);
});

test('folders and files of that name stay as they are, whatever their case', async () => {
  await mkdir(join(folder, 'Film.V2_Package'));
  await writeFile(join(folder, 'film.v2_package (2)'), 'somebody');
  const { path } = await publish(null);
  expect(path).toBe(join(folder, 'film.v2_package (3)'));
  expect(await readdir(join(folder, 'Film.V2_Package'))).toEqual([]);
});

test('what a try left that was killed between its two steps is taken again, unless somebody filled it', async () => {
  const noted = join(folder, 'film.v2_package');
  await mkdir(noted);
  expect((await publish(noted)).path).toBe(noted);
  await mkdir(join(folder, '.part'));
  expect((await publish(noted)).path).toBe(join(folder, 'film.v2_package (2)'));
});

test('the digest is that of the lines of sha256sum', async () => {
  await writeFile(join(folder, '.part', 'audio.mp4'), '');
  const digest = await folderDigest(join(folder, '.part'), signal);
  expect(digest).toEqual({ sizeBytes: 1, sha256: '21cf08498caa60918b62bd975dab1f0dec9147049d9b51054d2806fa89d4319b' });
});
