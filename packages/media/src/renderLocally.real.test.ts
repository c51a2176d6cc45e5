import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFlashAndClick } from './testing/flashAndClick.ts';
import { renderLocally } from './testing/renderLocally.ts';
import { testRun } from './testing/testRun.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-render-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(['h264-720p', 'ffv1-archive', 'prores-proxy'])('%s rendered twice has the same SHA-256', async (presetId) => {
  const path = join(folder, 'film.mp4');
  await makeFlashAndClick(path, ['-c:a', 'aac'], run);
  const hashes: string[] = [];
  for (const round of ['first', 'second']) {
    const order = { presetId, chunkSeconds: 1, verify: 'full', folder: join(folder, `${presetId}-${round}`) } as const;
    const { manifest, outputPath } = await renderLocally(path, order, run);
    expect(manifest.chunks.length).toBe(4);
    hashes.push(
      createHash('sha256')
        .update(await readFile(outputPath))
        .digest('hex'),
    );
  }
  expect(hashes[1]).toBe(hashes[0]);
});
