import { readFileSync } from 'node:fs';

/** Memory figures of `/proc/PID/status`, in kB: https://docs.kernel.org/filesystems/proc.html */
const figure = (status: string, name: string): number | null => {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status);
  return found === null ? null : Number(found[1]);
};

/** What a process itself holds: resident memory without pages of files, which the system can drop at any time. */
export function heldBytes(status: string): number {
  const anonymous = figure(status, 'RssAnon');
  const kibibytes = anonymous === null ? figure(status, 'VmRSS') : anonymous + (figure(status, 'RssShmem') ?? 0);
  return (kibibytes ?? 0) * 1024;
}

/**
 * Bytes that a process and all its descendants hold (an encoder may be behind a sandbox, in another process group).
 * 0 for processes that have ended, and where the system has no such book (all but Linux).
 */
export function memoryOfTree(pid: number): number {
  const status = readProc(pid, 'status');
  if (status === null) return 0;
  const children = (readProc(pid, `task/${pid}/children`) ?? '').split(' ').filter((text) => text !== '');
  return children.reduce((sum, child) => sum + memoryOfTree(Number(child)), heldBytes(status));
}

function readProc(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    // It ended meanwhile, or there is no /proc: nothing to count.
    return null;
  }
}
