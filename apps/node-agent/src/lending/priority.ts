import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import type { Logger } from 'pino';
import type { ChildRegister } from '../sweep.ts';
import { pidsOfTree } from './treeCpu.ts';

export type PriorityClass = 'normal' | 'below-normal' | 'low';

const levels: Record<PriorityClass, number> = {
  normal: constants.priority.PRIORITY_NORMAL,
  'below-normal': constants.priority.PRIORITY_BELOW_NORMAL,
  low: constants.priority.PRIORITY_LOW,
};

/** A sandbox starts its inside a moment later, in a session of its own. */
const secondLookMs = 150;

/** Gives each encoder its priority class right after its start: what it starts itself inherits it. */
export function priorityBook(priority: PriorityClass, log: Logger): ChildRegister {
  const level = levels[priority];
  const lower = (pid: number): void => {
    try {
      setPriority(pid, level);
      if (process.platform === 'linux') for (const one of pidsOfTree(pid)) lowerSession(one, level);
    } catch (cause) {
      log.debug({ err: cause, pid }, 'a process did not get its priority; it may have ended');
    }
  };
  return {
    add(pid) {
      if (priority === 'normal') return;
      lower(pid);
      setTimeout(() => lower(pid), secondLookMs).unref();
    },
  };
}

/**
 * Linux desktops share processors between sessions first, and only within one by nice; each encoder leads its own
 * session. The file is absent where they do not. https://man7.org/linux/man-pages/man7/sched.7.html
 */
function lowerSession(pid: number, level: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(level));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
}
