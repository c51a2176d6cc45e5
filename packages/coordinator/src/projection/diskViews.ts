import { type DiskView, type ErrorData, FarmError } from '@reelmill/protocol';

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** Why the farm takes nothing new, in words; empty while it does. */
export function lowDiskWarnings(disk: DiskView | null): ErrorData[] {
  if (disk?.low !== true) return [];
  const { freeBytes, lowBytes, highBytes } = disk;
  const message = `The disk of the coordinator is almost full (${gigabytes(freeBytes)} free): nothing new is taken or started before ${gigabytes(highBytes)} are free.`;
  return [new FarmError('DISK_LOW', { message, details: { freeBytes, lowBytes, highBytes } }).toData()];
}
