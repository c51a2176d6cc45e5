import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveFfmpeg } from '@reelmill/media';
import { dataFiles } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { newFolder, openTestFarm, submitOne, untilJob } from './testing/testFarm.ts';

const tools = await resolveFfmpeg();

test('a farm whose journal was damaged opens with the jobs before the damage, and tells its owner', async () => {
  const dataDir = await newFolder('damaged');
  const inputs = await newFolder('damaged-inputs');
  const first = await openTestFarm(dataDir, { tools });
  const jobIds = [];
  for (const name of ['one.mp4', 'two.mp4']) {
    await writeFile(join(inputs, name), 'no film at all');
    const jobId = await submitOne(first.core, join(inputs, name), { outputFolder: inputs });
    await untilJob(first.core, jobId, ({ state }) => state === 'failed');
    jobIds.push(jobId);
  }
  await first.close();

  const path = join(dataDir, dataFiles.journal);
  const bytes = readFileSync(path);
  // SQLite leaves old copies of rows in its free space: the true one is among these.
  const wanted = `"jobId":"${jobIds[1]}","request"`;
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1))
    bytes[at + 3] = (bytes[at + 3] as number) ^ 1;
  writeFileSync(path, bytes);

  const second = await openTestFarm(dataDir, { tools });
  await expect.poll(() => second.projection.snapshot().farm.stats.warnings).toHaveLength(1);
  const { farm } = second.projection.snapshot();
  expect(farm.jobs.map(({ jobId }) => jobId)).toEqual([jobIds[0]]);
  expect(farm.stats.warnings).toMatchObject([{ code: 'JOURNAL_DAMAGED' }]);
  const setAside = String(farm.stats.warnings[0]?.details.setAside);
  expect(farm.stats.warnings[0]?.cause).toContain(setAside);
  expect(existsSync(setAside)).toBe(true);
  await second.close();

  const third = await openTestFarm(dataDir, { tools });
  expect(third.projection.snapshot().farm.stats.warnings).toEqual([]);
  await third.close();
});
