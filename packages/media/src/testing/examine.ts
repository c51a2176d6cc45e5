// Used by tests only: what the farm says of a file before any encoding, and what that cost.
import { readFileSync } from 'node:fs';
import { FarmError } from '@reelmill/protocol';
import type { Manifest } from '../manifest.ts';
import { planRendition } from '../plan/planRendition.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import { checkSource } from '../probe/checkSource.ts';
import { readSource } from '../probe/readSource.ts';
import { defaultLauncher } from '../process/defaultLauncher.ts';
import type { ProcessLauncher, RunOptions } from '../process/tools.ts';

export interface Examined {
  /** Code of the refusal; null: planned. */
  readonly refused: string | null;
  readonly error: FarmError | null;
  readonly manifest: Manifest | null;
  readonly seconds: number;
  /** Of the largest FFmpeg process, as the kernel counted it. */
  readonly peakBytes: number;
}

/** check → probe → index → plan, as the coordinator does; anything thrown but a FarmError goes through. */
export async function examine(path: string, run: RunOptions, presetId = 'ffv1-archive'): Promise<Examined> {
  const watch = memoryWatch();
  const startedMs = performance.now();
  const cost = () => ({ seconds: (performance.now() - startedMs) / 1000, peakBytes: watch.peakBytes() });
  try {
    const identity = await checkSource(path);
    const { info, index } = await readSource(path, { ...run, launcher: watch.launcher });
    const preset = findPreset(await loadTimedPresets(), presetId);
    const rest = { settings: {}, threads: null, toolchainClass: 'test', verify: 'seams', chunkSeconds: 2 } as const;
    return {
      refused: null,
      error: null,
      manifest: planRendition({ info, index, identity, preset, ...rest }),
      ...cost(),
    };
  } catch (thrown) {
    if (!(thrown instanceof FarmError)) throw thrown;
    return { refused: thrown.code, error: thrown, manifest: null, ...cost() };
  } finally {
    watch.stop();
  }
}

/** Reads VmHWM (proc(5)) of every started process until it is gone; 0 where the system has no /proc. */
function memoryWatch(): { launcher: ProcessLauncher; peakBytes(): number; stop(): void } {
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
