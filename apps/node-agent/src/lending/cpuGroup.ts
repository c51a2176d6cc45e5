import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { CpuLimiter } from './cpuLimit.ts';
import { pidsOfTree } from './treeCpu.ts';

const periodMicroseconds = 100_000;
/** A sandbox may have started its inside before it was moved; looked for once more. */
const secondLookMs = 100;
const removeTries = 20;

/** The folder of this process under the cpu controller; `version` says how a quota is written there. */
function ownGroup(): { folder: string; version: 1 | 2 } | null {
  const lines = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
  for (const line of lines) {
    const [, controllers, path] = line.split(':');
    if (path !== undefined && controllers?.split(',').includes('cpu'))
      return { folder: join('/sys/fs/cgroup/cpu', path), version: 1 };
  }
  const unified = lines.find((line) => line.startsWith('0::'))?.slice(3);
  return unified === undefined ? null : { folder: join('/sys/fs/cgroup', unified), version: 2 };
}

function makeGroup(name: string, quota: number): string | null {
  const own = ownGroup();
  if (own === null) return null;
  const folder = join(own.folder, name);
  // Version 2 lets only the root group have both processes and limited children; elsewhere this refuses.
  if (own.version === 2) writeFileSync(join(own.folder, 'cgroup.subtree_control'), '+cpu');
  mkdirSync(folder, { recursive: true });
  if (own.version === 2) writeFileSync(join(folder, 'cpu.max'), `${quota} ${periodMicroseconds}`);
  else {
    writeFileSync(join(folder, 'cpu.cfs_period_us'), String(periodMicroseconds));
    writeFileSync(join(folder, 'cpu.cfs_quota_us'), String(quota));
  }
  return folder;
}

/** A control group whose processes together get so many processors; null where this process may not make one. */
export async function openCpuGroup(name: string, cores: number, log: Logger): Promise<CpuLimiter | null> {
  let folder: string | null;
  try {
    folder = makeGroup(name, Math.max(1_000, Math.round(cores * periodMicroseconds)));
  } catch (cause) {
    log.debug({ err: cause }, 'no control group may be made here');
    return null;
  }
  if (folder === null) return null;
  const group = folder;
  const move = (pid: number): void => {
    for (const one of pidsOfTree(pid)) {
      try {
        writeFileSync(join(group, 'cgroup.procs'), String(one));
      } catch (cause) {
        log.debug({ err: cause, pid: one }, 'a process ended before it was moved');
      }
    }
  };
  return {
    means: 'cgroup',
    add(pid) {
      move(pid);
      setTimeout(() => move(pid), secondLookMs).unref();
    },
    close: () => removeGroup(group, log),
  };
}

/** The kernel keeps a group until its last process is quite gone. */
async function removeGroup(folder: string, log: Logger): Promise<void> {
  for (let attempt = 1; attempt <= removeTries; attempt += 1) {
    try {
      rmdirSync(folder);
      return;
    } catch (cause) {
      if (attempt === removeTries) log.warn({ err: cause, folder }, 'a control group stays behind');
      await delay(25);
    }
  }
}
