// Used by tests only.
import { readFileSync } from 'node:fs';
import { defaultLauncher } from '../process/defaultLauncher.ts';
import type { ProcessLauncher } from '../process/tools.ts';

/** Reads VmHWM (proc(5)) of every started process until it is gone; 0 where the system has no /proc. */
export function memoryWatch(): { launcher: ProcessLauncher; peakBytes(): number; stop(): void } {
  const alive = new Set<number>();
  let peak = 0;
  const look = () => {
    for (const pid of alive) {
      const kilobytes = highWater(pid);
      if (kilobytes === null) alive.delete(pid);
      else peak = Math.max(peak, kilobytes * 1024);
    }
  };
  const timer = setInterval(look, 5);
  const launcher: ProcessLauncher = (launch) => ({
    ...defaultLauncher()(launch),
    onStarted: (pid) => void alive.add(pid),
  });
  return { launcher, peakBytes: () => peak, stop: () => clearInterval(timer) };
}

function highWater(pid: number): number | null {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    // it has ended
    return null;
  }
}
