import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskSpace } from '@reelmill/storage';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDiskWatch } from './diskWatch.ts';

const mebibyte = 1024 ** 2;
let disk: string;
const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount) console.warn('not run: "a small disk …" (mounting a small file system needs root)');

beforeAll(async () => {
  disk = await mkdtemp(join(tmpdir(), 'reelmill-node-disk-'));
  if (canMount) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=50m', 'tmpfs', disk]);
  for (const name of ['scratch', 'cache']) await mkdir(join(disk, name));
});
afterAll(() => void spawnSync('umount', [disk]));

const fillTo = async (freeBytes: number): Promise<void> => {
  const filler = join(disk, 'filler');
  await rm(filler, { force: true });
  await writeFile(filler, Buffer.alloc((await diskSpace(disk)).freeBytes - freeBytes));
};

// of 50 MiB the low mark is 1 MiB, the high one 2 MiB
test.skipIf(!canMount)(
  'a small disk is low below its low mark until above its high one, gives back what nobody uses, and counts what tasks hold as room',
  async () => {
    const evictions: string[] = [];
    const watch = createDiskWatch({
      folder: disk,
      ownFolders: [join(disk, 'scratch'), join(disk, 'cache')],
      minFreeBytes: null,
      async evict(isEnough) {
        evictions.push('asked');
        if (await isEnough()) return;
        await rm(join(disk, 'cache', 'old'), { force: true });
        evictions.push((await isEnough()) ? 'enough' : 'not enough');
      },
    });
    await writeFile(join(disk, 'scratch', 'chunk'), Buffer.alloc(4 * mebibyte));
    const before = await watch.read();
    expect(before.low).toBe(false);
    expect(before.roomBytes - before.freeBytes).toBe(4 * mebibyte);
    await writeFile(join(disk, 'cache', 'old'), Buffer.alloc(8 * mebibyte));
    await fillTo(mebibyte / 2);
    expect(await watch.read()).toMatchObject({ low: false });
    expect(evictions).toEqual(['asked', 'enough']);
    await fillTo(mebibyte / 2);
    expect(await watch.read()).toMatchObject({ low: true });
    expect(watch.isLow()).toBe(true);
    await fillTo(1.5 * mebibyte);
    expect(await watch.read()).toMatchObject({ low: true });
    await fillTo(3 * mebibyte);
    expect(await watch.read()).toMatchObject({ low: false });
    watch.noteFull();
    expect(watch.isLow()).toBe(true);
    expect((await watch.read()).low).toBe(false);
  },
);
