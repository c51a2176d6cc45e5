import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** As the system tells it; null where it tells none. */
  readonly startedAt: string | null;
}

/** Start time of a running process, or undefined when there is no such process. */
function startTimeOf(pid: number): string | null | undefined {
  if (process.platform === 'linux') return linuxStartTime(pid);
  if (!isAlive(pid)) return undefined;
  if (process.platform === 'win32') return null;
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    // ps exits with 1 when the process has gone meanwhile.
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat, clock ticks since boot; zombies count as gone. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function linuxStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    // The folder of a process that has ended does not exist.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export const identify = (pid: number): ProcessIdentity => ({ pid, startedAt: startTimeOf(pid) ?? null });

/** True only while exactly this process runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const startedAt = startTimeOf(identity.pid);
  if (startedAt === undefined) return false;
  return startedAt === null || identity.startedAt === null || startedAt === identity.startedAt;
}
