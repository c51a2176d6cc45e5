import { existsSync } from 'node:fs';
import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const periodMicroseconds = 100_000;

/** A cgroup that caps everything started in it to a share of one core. Linux, root, cgroup v1 or v2. */
export interface CpuShare {
  /** Command and arguments that run `command` inside the share. */
  wrap(command: string, args: readonly string[]): { command: string; args: string[] };
  remove(): Promise<void>;
}

export async function createCpuShare(name: string, cores: number): Promise<CpuShare> {
  const quota = Math.round(cores * periodMicroseconds);
  const first = '/sys/fs/cgroup/cpu';
  const folder = join(existsSync(first) ? first : '/sys/fs/cgroup', name);
  await mkdir(folder, { recursive: true });
  if (existsSync(first)) {
    await writeFile(join(folder, 'cpu.cfs_period_us'), String(periodMicroseconds));
    await writeFile(join(folder, 'cpu.cfs_quota_us'), String(quota));
  } else {
    await writeFile(join(folder, 'cpu.max'), `${quota} ${periodMicroseconds}`);
  }
  const program = 'echo $$ > "$0" && exec "$@"';
  return {
    wrap: (command, args) => ({ command: 'sh', args: ['-c', program, join(folder, 'cgroup.procs'), command, ...args] }),
    remove: () => rmdir(folder),
  };
}
