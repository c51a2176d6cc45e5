import { diskMarksOf, FarmError, isDiskLow } from '@reelmill/protocol';
import { diskSpace } from '@reelmill/storage';
import type { CoreContext } from '../coreContext.ts';
import { createUsedVolumes } from './usedVolumes.ts';

export interface DiskGuardOptions {
  /** Of journal and embedded store. */
  readonly dataDir: string;
  /** Nothing new below so much; null: by the size of the disk. */
  readonly minFreeBytes: number | null;
  /** The disk is low, or a job waits for room: what is only kept for convenience may go. */
  onShortage(): void;
}

/** Watches the coordinator's disks: what is free there, and whether anything new may begin. */
export interface DiskGuard {
  /** Measures, and tells scheduler and interfaces. Never throws. */
  measure(): Promise<void>;
  /** Throws DISK_LOW while nothing new is taken. */
  assertOpen(): Promise<void>;
}

const retryAfterSeconds = 30;

export function createDiskGuard(context: CoreContext, options: DiskGuardOptions): DiskGuard {
  const { dispatcher, logger, waitsForSpace } = context;
  const volumes = createUsedVolumes(options.dataDir);
  let low = false;

  /** The hysteresis: low below the low mark until above the high one. */
  const look = async () => {
    const { freeBytes: free, totalBytes } = await diskSpace(options.dataDir);
    const marks = diskMarksOf(totalBytes, options.minFreeBytes);
    const wasLow = low;
    low = waitsForSpace && isDiskLow(low, free, marks);
    if (low !== wasLow) logger.warn({ freeBytes: free, ...marks }, low ? 'the disk is low' : 'the disk has room again');
    return { freeBytes: free, ...marks, changed: low !== wasLow };
  };

  const measureNow = async (): Promise<void> => {
    try {
      const { changed: _, ...disk } = await look();
      if (waitsForSpace)
        dispatcher.runVolatile({ type: 'note-space', low, volumes: await volumes.measure(dispatcher.state()) });
      context.emit({ kind: 'disk', disk: { ...disk, low, waitingJobs: dispatcher.state().space.waiting.size } });
      if (low || dispatcher.state().space.waiting.size > 0) options.onShortage();
    } catch (cause) {
      logger.warn({ err: cause }, 'a disk could not be measured');
    }
  };

  /** A network disk may take its time: one measurement at once. */
  let measuring: Promise<void> | null = null;
  const measure = (): Promise<void> => {
    measuring ??= measureNow().finally(() => {
      measuring = null;
    });
    return measuring;
  };

  return {
    measure,
    async assertOpen() {
      const { changed, freeBytes: free, lowBytes, highBytes } = await look();
      if (changed) await measure();
      if (low)
        throw new FarmError('DISK_LOW', { details: { freeBytes: free, lowBytes, highBytes, retryAfterSeconds } });
    },
  };
}
