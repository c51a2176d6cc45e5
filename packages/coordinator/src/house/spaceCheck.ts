import { stat, statfs } from 'node:fs/promises';
import { isStillPlan, type OutputPlan } from '@reelmill/media';
import { FarmError } from '@reelmill/protocol';
import type { ObjectStore } from '@reelmill/storage';
import { nearestExistingFolder } from '../intake/writableFolder.ts';

interface Need {
  readonly where: string;
  readonly bytes: number;
}

/**
 * Throws INSUFFICIENT_SPACE where the predicted output and scratch do not fit (decision 25). Parts of the estimate that
 * fall on the same disk are added. An S3 store is not asked: its space is its owner's matter.
 */
export async function assertSpace(
  manifests: readonly OutputPlan[],
  places: { outputFolder: string; store: ObjectStore; scratchFolder: string },
): Promise<void> {
  const outputFolder = await nearestExistingFolder(places.outputFolder);
  const sum = (field: 'estimatedOutputBytes' | 'estimatedScratchBytes'): number =>
    manifests.reduce((bytes, manifest) => bytes + manifest[field], 0);
  // A package holds every rendition once more.
  const copies = manifests.some((plan) => !isStillPlan(plan) && plan.segmentStarts !== undefined) ? 2 : 1;
  const needs: Need[] = [{ where: outputFolder, bytes: copies * sum('estimatedOutputBytes') }];
  if (places.store.kind === 'embedded')
    needs.push({ where: places.scratchFolder, bytes: sum('estimatedScratchBytes') });
  const perDisk = new Map<number, { free: number; needed: number; where: string }>();
  for (const need of needs) {
    const device = (await stat(need.where)).dev;
    const known = perDisk.get(device);
    const disk = await statfs(need.where);
    const free = disk.bavail * disk.bsize;
    perDisk.set(device, { free, needed: (known?.needed ?? 0) + need.bytes, where: known?.where ?? need.where });
  }
  for (const disk of perDisk.values()) {
    if (disk.needed <= disk.free) continue;
    throw new FarmError('INSUFFICIENT_SPACE', {
      message: `This job needs about ${gibibytes(disk.needed)} on the disk of ${disk.where}, ${gibibytes(disk.free)} are free.`,
      details: { neededBytes: Math.ceil(disk.needed), freeBytes: disk.free, folder: disk.where },
    });
  }
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 3 : 1)} GiB`;
