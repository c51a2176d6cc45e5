import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FfmpegTools, resolveFfmpeg } from '@reelmill/media';
import type { FarmView } from '@reelmill/protocol';
import { diskSpace } from '@reelmill/storage';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenCore } from './openCore.ts';
import { createTestAgent } from './testing/testAgent.ts';
import { drawClip, isEnded, newFolder, openTestFarm, submitOne, untilJob } from './testing/testFarm.ts';

const mebibyte = 1024 ** 2;
let tools: FfmpegTools;
let base: string;
let disk: string;
const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount) console.warn('not run: "a disk that fills …" (mounting a small file system needs root)');

beforeAll(async () => {
  tools = await resolveFfmpeg();
  base = await newFolder('low-disk');
  disk = join(base, 'disk');
  await mkdir(disk);
  await drawClip(tools, join(base, 'clip.mp4'), 2);
  if (canMount) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]);
});
afterAll(() => void spawnSync('umount', [disk]));

const filler = (): string => join(disk, 'filler');

async function fillTo(freeBytes: number): Promise<void> {
  await writeFile(filler(), Buffer.alloc((await diskSpace(disk)).freeBytes - freeBytes));
}

/** Never leaves more than that free, not for a moment: somebody measures. */
async function shrinkTo(freeBytes: number): Promise<void> {
  const { size } = await stat(filler());
  await truncate(filler(), size + (await diskSpace(disk)).freeBytes - freeBytes);
}

function untilFarm({ core }: OpenCore, isWanted: (farm: FarmView) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): boolean => isWanted(core.projection.snapshot().farm);
    if (look()) return resolve();
    const stop = core.projection.subscribe(() => {
      if (!look()) return;
      stop();
      resolve();
    });
  });
}

// of 64 MiB the low mark is 1.28 MiB, the high one 2.56 MiB
test.skipIf(!canMount)(
  'a disk that fills pauses intake and grants, says why, and both go on by themselves above the high mark',
  async () => {
    const open = await openTestFarm(disk, { tools });
    const submit = () => submitOne(open.core, join(base, 'clip.mp4'), { outputFolder: join(base, 'out') });
    const agent = createTestAgent(open, { name: 'one', slots: 2, tools });
    try {
      const before = await submit();
      await untilJob(open.core, before, ({ chunksTotal }) => chunksTotal > 0);
      await fillTo(mebibyte);
      await expect(submit()).rejects.toMatchObject({ code: 'DISK_LOW', details: { retryAfterSeconds: 30 } });
      await untilFarm(open, ({ stats }) => stats.warnings.some(({ code }) => code === 'DISK_LOW'));
      await agent.join();
      await shrinkTo(2 * mebibyte);
      // above the low mark, not above the high one
      await expect(submit()).rejects.toMatchObject({ code: 'DISK_LOW' });
      expect(agent.offers).toEqual([]);
      expect(open.core.why(before).note).toContain('almost full');
      await truncate(filler(), 0);
      const after = await submit();
      for (const jobId of [before, after]) expect((await untilJob(open.core, jobId, isEnded)).state).toBe('done');
      await untilFarm(open, ({ stats }) => stats.warnings.length === 0 && stats.disk?.low === false);
    } finally {
      await agent.die();
      await open.close();
    }
  },
);
