import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Long enough for a process on a busy machine to notice that it is stopped. */
const stopTries = 100;
const stopTryMs = 5;

/**
 * Kills a process group, and on Linux all below its leader. A sandbox that is killed between starting its inside and
 * tying it to its own life would leave that running, without a parent that anyone knows: so the leader is stopped first,
 * and what it has started by then is killed with it.
 */
export async function endTree(pid: number): Promise<void> {
  if (process.platform !== 'linux') return signal(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  signal(pid, 'SIGSTOP');
  let below = childrenOf(pid);
  for (let attempt = 0; attempt < stopTries && below.length === 0 && isMoving(pid); attempt += 1) {
    await delay(stopTryMs);
    below = childrenOf(pid);
  }
  below = descendantsOf(pid);
  signal(-pid, 'SIGKILL');
  for (const one of below) signal(one, 'SIGKILL');
}

function signal(target: number, name: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(target, name);
  } catch (cause) {
    // ESRCH: it ended meanwhile, which is what was wanted
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}

/** Neither stopped nor ended: it may still be starting something. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function isMoving(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== '' && !/^[TZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

const childrenOf = (pid: number): number[] =>
  read(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);

const descendantsOf = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It ended meanwhile.
    return '';
  }
}
