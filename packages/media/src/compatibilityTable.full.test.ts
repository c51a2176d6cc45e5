import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examine } from './testing/examine.ts';
import { hostileKinds, makeVictims } from './testing/hostileKinds.ts';
import { type OddOutcome, oddPlan } from './testing/oddOutcome.ts';
import { oddSources } from './testing/oddSources.ts';
import { makeSource, sourceKinds } from './testing/sourceKinds.ts';
import { testRun } from './testing/testRun.ts';

const run = testRun();
const table = new URL('../../../docs/compatibility-table.md', import.meta.url);
const rows: OddOutcome[] = [];
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-table-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(sourceKinds.map((kind) => [kind.name, kind] as const))('%s', async (name, kind) => {
  const path = join(folder, `kind.${kind.extension}`);
  await makeSource(kind, path, run);
  const { manifest } = await examine(path, run);
  expect(manifest?.plan).toBe('chunked');
  rows.push({ name, result: `cut into ${manifest?.chunks.length}`, frames: manifest?.frames ?? null });
});

test.each(oddSources.map((source) => [source.name, source] as const))('%s', async (_, source) => {
  rows.push((await oddPlan(source, folder, run)).outcome);
});

test.each(hostileKinds.map((kind) => [kind.name, kind] as const))('hostile: %s', async (name, { code, make }) => {
  const path = join(folder, 'hostile.mp4');
  await writeFile(path, make(await makeVictims(folder, run)));
  const { refused } = await examine(path, run);
  expect(refused).toBe(code);
  rows.push({ name, result: `refused: \`${refused}\``, frames: null });
});

test('the table of all that docs/compatibility-table.md shows', async () => {
  expect(rows.length).toBe(sourceKinds.length + oddSources.length + hostileKinds.length);
  const lines = rows.map(({ name, result, frames }) => `| ${name} | ${result} | ${frames ?? ''} |`);
  const head = [
    '# What becomes of each kind of source',
    '',
    'Written by `npm run test:full` (packages/media/src/compatibilityTable.full.test.ts) from real plans, chunks of 2 s.',
    'Every source is made on the spot. That each is rendered so, frame by frame, is proven by `generatedKinds` and',
    '`oddSources` (`*.real.test.ts` in packages/media).',
    '',
    '| source | result | frames |',
    '|---|---|---|',
  ];
  await writeFile(table, `${[...head, ...lines].join('\n')}\n`);
});
