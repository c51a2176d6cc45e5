import type { CpuLimiter } from './cpuLimit.ts';
import { createTreeMeter, pidsOfTree, type TreeMeter } from './treeCpu.ts';

/** Reading /proc is cheap; elsewhere a program has to be started for it. */
const intervalMs = process.platform === 'linux' ? 25 : 500;
/** What was not used is not saved up for longer than this. */
const savedMs = 4 * intervalMs;

/** CPU time that may still be used: it grows with the clock and falls with what was used. */
export interface Budget {
  readonly leftMs: number;
}

/** After `elapsedMs` in which `usedMs` were used, by processes that may use `cores` processors on average. */
export function afterUse(
  { leftMs }: Budget,
  { elapsedMs, usedMs, cores }: Record<'elapsedMs' | 'usedMs' | 'cores', number>,
): Budget {
  return { leftMs: Math.min(leftMs + elapsedMs * cores - usedMs, savedMs * cores) };
}

interface Watched {
  readonly meter: TreeMeter | null;
  usedMs: number;
}

/**
 * Where the kernel sets no quota: all encoders are stopped while they are ahead of their share and continued when they
 * are not, so that over time they get exactly it.
 */
export function createDutyCycle(cores: number): CpuLimiter {
  const encoders = new Map<number, Watched>();
  let budget: Budget = { leftMs: 0 };
  let beforeMs = performance.now();
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;

  const used = async (): Promise<number> => {
    let sumMs = 0;
    for (const [pid, watched] of encoders) {
      const nowMs = (await watched.meter?.read()) ?? 0;
      if (!isAlive(pid)) encoders.delete(pid);
      sumMs += Math.max(0, nowMs - watched.usedMs);
      watched.usedMs = Math.max(watched.usedMs, nowMs);
    }
    return sumMs;
  };

  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    const usedMs = await used().finally(() => {
      isLooking = false;
    });
    const nowMs = performance.now();
    budget = afterUse(budget, { elapsedMs: nowMs - beforeMs, usedMs, cores });
    beforeMs = nowMs;
    const shallStop = budget.leftMs < 0;
    // Again at each look while stopped: an encoder may have started a process meanwhile.
    if (shallStop || isStopped) for (const pid of encoders.keys()) signalTree(pid, shallStop ? 'SIGSTOP' : 'SIGCONT');
    isStopped = shallStop;
    if (encoders.size === 0) rest();
  };

  const rest = (): void => {
    clearInterval(timer);
    timer = undefined;
    isStopped = false;
  };

  return {
    means: 'duty-cycle',
    add(pid) {
      encoders.set(pid, { meter: createTreeMeter(pid), usedMs: 0 });
      if (timer !== undefined) return;
      budget = { leftMs: 0 };
      beforeMs = performance.now();
      timer = setInterval(() => void look(), intervalMs);
      timer.unref();
    },
    async close() {
      rest();
      for (const pid of encoders.keys()) signalTree(pid, 'SIGCONT');
      encoders.clear();
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // It has ended.
    return false;
  }
}

/** Where the tree is not told, encoders lead their own group. */
function signalTree(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const target of process.platform === 'linux' ? pidsOfTree(pid) : [-pid]) {
    try {
      process.kill(target, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}
