import { z } from 'zod';

/** What a node says of the disk it works on. */
export const NodeDisk = z.object({
  /** What its tasks may fill together: what is free, and what they and copies of sources hold already. */
  roomBytes: z.number().nonnegative(),
  /** It fell below its low mark and is not above its high mark again: nothing new fits. */
  low: z.boolean(),
});
export type NodeDisk = z.infer<typeof NodeDisk>;

/** Below `lowBytes` nothing new is begun; it goes on above `highBytes`, so that it does not start and stop all the time. */
export interface DiskMarks {
  readonly lowBytes: number;
  readonly highBytes: number;
}

const gibibyte = 1024 ** 3;
/** Small disks (of tests, of appliances) have low marks in proportion. */
const lowShare = 1 / 50;

/** One gibibyte, on disks below 50 GiB a fiftieth, unless somebody chose; twice that to go on. */
export function diskMarksOf(totalBytes: number, chosenBytes: number | null = null): DiskMarks {
  const lowBytes = chosenBytes ?? Math.min(gibibyte, Math.floor(totalBytes * lowShare));
  return { lowBytes, highBytes: 2 * lowBytes };
}

/** Whether a disk is low now. @param wasLow whether it was before: then only the high mark ends it */
export const isDiskLow = (wasLow: boolean, freeBytes: number, { lowBytes, highBytes }: DiskMarks): boolean =>
  freeBytes < (wasLow ? highBytes : lowBytes);
