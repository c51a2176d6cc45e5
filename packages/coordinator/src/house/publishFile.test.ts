import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type PublishRequest, publishFile } from './publishFile.ts';

const film = Buffer.from('the finished film, byte by byte');

async function prepare(
  existing: Record<string, string> = {},
): Promise<{ folder: string; request: PublishRequest; notes: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-publish-'));
  for (const [name, text] of Object.entries(existing)) await writeFile(join(folder, name), text);
  const partPath = join(folder, '.reelmill-J-abcdefghij.part');
  await writeFile(partPath, film);
  const notes: string[] = [];
  const request: PublishRequest = {
    partPath,
    sizeBytes: film.length,
    sha256: createHash('sha256').update(film).digest('hex'),
    wantedPath: join(folder, 'film.mp4'),
    notedPath: null,
    note: async (path) => {
      notes.push(path);
    },
    signal: new AbortController().signal,
  };
  return { folder, request, notes };
}

test('a finished file gets its name and the part is gone', async () => {
  const { folder, request, notes } = await prepare();
  expect(await publishFile(request)).toBe(join(folder, 'film.mp4'));
  expect(await readdir(folder)).toEqual(['film.mp4']);
  expect(await readFile(join(folder, 'film.mp4'))).toEqual(film);
  expect(notes).toEqual([join(folder, 'film.mp4')]);
});

test('an existing file is never overwritten', async () => {
  const { folder, request } = await prepare({ 'film.mp4': 'older', 'film (2).mp4': 'old' });
  expect(await publishFile(request)).toBe(join(folder, 'film (3).mp4'));
  expect(await readFile(join(folder, 'film.mp4'), 'utf8')).toBe('older');
});

test('a name that differs only in case or Unicode composition counts as taken', async () => {
  const cased = await prepare({ 'FILM.MP4': 'older' });
  expect(await publishFile(cased.request)).toBe(join(cased.folder, 'film (2).mp4'));
  const composed = await prepare({ 'caf\u0065\u0301.mp4': 'older' });
  const request = { ...composed.request, wantedPath: join(composed.folder, 'caf\u00e9.mp4') };
  expect(await publishFile(request)).toBe(join(composed.folder, 'caf\u00e9 (2).mp4'));
});

test('a name taken between the look and the link is left alone', async () => {
  const { folder, request } = await prepare();
  const racing = {
    ...request,
    note: async (path: string) => {
      if (path.endsWith('film.mp4')) await writeFile(path, 'someone else');
    },
  };
  expect(await publishFile(racing)).toBe(join(folder, 'film (2).mp4'));
  expect(await readFile(join(folder, 'film.mp4'), 'utf8')).toBe('someone else');
});

test('a restart after the link recognises its own output', async () => {
  const { folder, request } = await prepare();
  const first = await publishFile(request);
  expect(await publishFile({ ...request, notedPath: first })).toBe(first);
  expect(await readdir(folder)).toEqual(['film.mp4']);
});

test('a file of someone else under the journaled name is not taken for ours', async () => {
  const { folder, request } = await prepare({ 'film.mp4': 'same name, other bytes' });
  expect(await publishFile({ ...request, notedPath: join(folder, 'film.mp4') })).toBe(join(folder, 'film (2).mp4'));
});

test('a copy cut short by a crash is removed and made again', async () => {
  const { folder, request } = await prepare({ 'film.mp4': film.subarray(0, 9).toString() });
  expect(await publishFile({ ...request, notedPath: join(folder, 'film.mp4') })).toBe(join(folder, 'film.mp4'));
  expect(await readFile(join(folder, 'film.mp4'))).toEqual(film);
});
