import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FarmError } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { frameHashes } from './identity/frameHashes.ts';
import { flipBits } from './testing/hostileFiles.ts';
import { makeVictims, type Victims } from './testing/hostileKinds.ts';
import { renderLocally } from './testing/renderLocally.ts';
import { testRun } from './testing/testRun.ts';

const run = testRun();
let folder = '';
let victims: Victims;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-flips-'));
  victims = await makeVictims(folder, run);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const seeds = Array.from({ length: Number(process.env.REELMILL_FLIPS ?? 40) }, (_, at) => at + 1);

/**
 * An archive that is finished holds as many frames as one plain decode gives, and the same ones unless the decoder
 * complained: what it conceals depends on where it began, and the job warns. Everything else is an error with a code.
 */
test.each(seeds)('bits turned over, seed %i: right frames or a code', async (seed) => {
  const path = join(folder, `flipped-${seed}.mp4`);
  await writeFile(path, flipBits(victims.film, seed, 3));
  const order = {
    presetId: 'ffv1-archive',
    chunkSeconds: 2,
    verify: 'seams',
    folder: join(folder, `${seed}`),
  } as const;
  const rendered = await renderLocally(path, order, run).catch((thrown: unknown) => {
    if (thrown instanceof FarmError && thrown.code !== 'INTERNAL') return null;
    throw thrown;
  });
  if (rendered === null) return;
  const [source, output] = [await frameHashes(path, run), await frameHashes(rendered.outputPath, run)];
  expect(output.length).toBe(source.length);
  if (rendered.decodeErrors === 0) expect(output.findIndex((hash, at) => hash !== source[at])).toBe(-1);
});
