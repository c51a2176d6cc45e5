// Used by tests only: what the farm says of a file before any encoding, and what that cost.
import { FarmError } from '@reelmill/protocol';
import type { Manifest } from '../manifest.ts';
import { planRendition } from '../plan/planRendition.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import { checkSource } from '../probe/checkSource.ts';
import { readSource } from '../probe/readSource.ts';
import type { RunOptions } from '../process/tools.ts';
import { memoryWatch } from './memoryWatch.ts';

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
