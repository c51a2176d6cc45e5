import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const mebibyte = 1024 ** 2;

/** A file system of its own that can be filled up and emptied. */
export interface SmallDisk {
  readonly path: string;
  fill(): Promise<void>;
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** Mounts a file system in memory at `path`, which is made. Linux, root. */
export async function mountSmallDisk(path: string, mebibytes: number): Promise<SmallDisk> {
  await mkdir(path, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path]);
  const filler = join(path, 'filler');
  return {
    path,
    async fill() {
      const handle = await open(filler, 'a');
      try {
        for (const size of [mebibyte, 4096]) await writeUntilFull(handle, Buffer.alloc(size));
      } finally {
        await handle.close();
      }
    },
    free: () => rm(filler, { force: true }),
    async remove() {
      await run('umount', ['--lazy', path]);
    },
  };
}

async function writeUntilFull(handle: Awaited<ReturnType<typeof open>>, piece: Buffer): Promise<void> {
  for (;;) {
    try {
      await handle.appendFile(piece);
    } catch (cause) {
      if ((cause as { code?: string }).code === 'ENOSPC') return;
      throw cause;
    }
  }
}

/** Why no small disk can be mounted here; null: it can. */
export async function whyNoSmallDisk(): Promise<string | null> {
  if (process.platform !== 'linux') return 'mounts of file systems in memory are known on Linux only';
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-mount-'));
  try {
    await (await mountSmallDisk(join(folder, 'disk'), 1)).remove();
    return null;
  } catch (cause) {
    return `no file system can be mounted (root is needed): ${(cause as Error).message.trim()}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
