import { link, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileLooks } from './fileLooks.ts';
import { listFolder } from './listFolder.ts';
import { moveSource } from './moveSource.ts';
import { unitsOf } from './units.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'reelmill-looks-'));

test('a round looks at a bounded number of files, and the next ones take up the rest', async () => {
  const root = await newFolder();
  const most = 20;
  const files = Array.from({ length: 2 * most + 1 }, (_, index) => `${index}.mov`);
  await Promise.all(files.map((file) => writeFile(join(root, file), '')));
  let nowMs = 0;
  const looks = new FileLooks(root, () => nowMs, most);
  const units = unitsOf(files);
  const known = () => units.filter((unit) => looks.sightOf(unit) !== null).length;
  const stable = () => units.filter((unit) => looks.sightOf(unit)?.stable).length;
  const counts: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    await looks.look(files);
    counts.push(known());
  }
  expect(counts).toEqual([most, 2 * most, files.length]);
  nowMs = 5_000;
  for (let round = 0; round < 4; round += 1) await looks.look(files);
  expect(stable()).toBe(files.length);
});

test('outputs of farms are not listed, nor what lies below them, in done, or in the data folder', async () => {
  const root = await newFolder();
  const make = async (...path: string[]) => {
    await mkdir(join(root, ...path.slice(0, -1)), { recursive: true });
    await writeFile(join(root, ...path), '');
  };
  await make('a.mov');
  await make('a_h264.mp4');
  await make('a_h264.mp4.proof.json');
  await make('stills', '1.jpg');
  await make('stills.proof.json');
  await make('Done', 'b.mov');
  await make('data', 'journal.sqlite');
  await make('day 1', 'reel', 'c.mov');
  await make('.trash', 'd.mov');
  const options = { recursive: true, except: [join(root, 'data')] };
  expect([...(await listFolder(root, options)).files].sort()).toEqual(['a.mov', join('day 1', 'reel', 'c.mov')]);
  expect((await listFolder(root, { ...options, recursive: false })).files).toEqual(['a.mov']);
});

test('a move that a crash cut short is taken up again', async () => {
  const root = await newFolder();
  await writeFile(join(root, 'a.mov'), 'film');
  await mkdir(join(root, 'done'));
  await link(join(root, 'a.mov'), join(root, 'done', 'a.mov'));
  await moveSource(root, 'a.mov');
  await moveSource(root, 'a.mov');
  expect((await listFolder(root, { recursive: false, except: [] })).files).toEqual([]);
  expect((await listFolder(join(root, 'done'), { recursive: false, except: [] })).files).toEqual(['a.mov']);
});
