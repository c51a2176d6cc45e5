import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectSameFrames } from '../testing/expectSameFrames.ts';
import { makeSource, sourceKinds } from '../testing/sourceKinds.ts';
import { testRun } from '../testing/testRun.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-kinds-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Half of the kinds; the other half is in a file of its own, so that each stays short. */
const kinds = sourceKinds.filter((_, at) => at % 2 === 0);

test.each(kinds.map((kind) => [kind.name, kind] as const))('%s is cut and keeps every frame', async (_, kind) => {
  const path = join(folder, `source.${kind.extension}`);
  await makeSource(kind, path, run);
  const manifest = await expectSameFrames(path, run);
  expect(manifest.wholeReason).toBeNull();
});
