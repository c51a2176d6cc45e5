import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { outputName } from '@reelmill/media';
import { RenditionId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { expandInputs } from './expandInputs.ts';

const names = [
  '-dash.mp4',
  `it's "q".mp4`,
  'two\nlines.mp4',
  '‮4pm.‬mp4',
  `${'é'.repeat(125)}.mp4`,
  'con.mp4',
  'a;b|c.mp4',
];
/** Enough of a film for the intake, which looks at content. */
const film = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom\0\0\x02\0isomiso2mp41')]);
const playlist = Buffer.from('#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n');

test('files of hostile names are taken as they are called, and their outputs get plain names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-names-'));
  for (const name of names) await writeFile(join(folder, name), film);
  const { candidates, skipped } = await expandInputs([folder], new Map());
  expect(candidates.map(({ path }) => basename(path)).sort()).toEqual([...names].sort());
  expect(candidates.every(({ refusal }) => refusal === null)).toBe(true);
  expect(skipped).toEqual([]);
  const outputs = candidates.map(({ path }) =>
    outputName(path, { id: RenditionId.parse('h264-720p'), container: 'mp4' }),
  );
  expect(new Set(outputs).size).toBe(names.length);
  for (const output of outputs) {
    expect(output).toMatch(/^[^-.][^<>:"/\\|?*\p{Cc}\u202a-\u202e]*_h264-720p\.mp4$/u);
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(255);
  }
});

test('playlists under media names: refused by code when named, skipped within a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-lists-'));
  await mkdir(join(folder, 'in'));
  const path = join(folder, 'in', 'film.mp4');
  await writeFile(path, playlist);
  await writeFile(join(folder, 'in', 'good.mp4'), film);
  const named = await expandInputs([path], new Map());
  expect(named.candidates[0]?.refusal).toMatchObject({ code: 'UNSUPPORTED_MEDIA', fix: /\S/ });
  const walked = await expandInputs([join(folder, 'in')], new Map());
  expect(walked.skipped).toEqual([path]);
});
