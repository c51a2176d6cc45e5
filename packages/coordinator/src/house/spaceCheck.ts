import { stat } from 'node:fs/promises';
import { isStillPlan, type OutputPlan } from '@reelmill/media';
import { FarmError } from '@reelmill/protocol';
import type { SpaceNeed } from '@reelmill/scheduler';
import { freeBytes, type ObjectStore } from '@reelmill/storage';
import { nearestExistingFolder } from '../intake/writableFolder.ts';

/** Names the disk of a folder, or of the nearest one above it that exists. */
export async function volumeOf(folder: string): Promise<{ volume: string; where: string }> {
  const where = await nearestExistingFolder(folder);
  return { volume: String((await stat(where)).dev), where };
}

interface Places {
  readonly outputFolder: string;
  readonly store: Pick<ObjectStore, 'kind'>;
  readonly scratchFolder: string;
}

type Need = SpaceNeed & { readonly where: string };

/**
 * What a job will fill on the coordinator's disks (decision 25). An S3 store is not asked: its space is its owner's
 * matter.
 */
export async function spaceNeeds(manifests: readonly OutputPlan[], places: Places): Promise<Need[]> {
  const sum = (field: 'estimatedOutputBytes' | 'estimatedScratchBytes'): number =>
    manifests.reduce((bytes, manifest) => bytes + manifest[field], 0);
  // A package holds every rendition once more.
  const copies = manifests.some((plan) => !isStillPlan(plan) && plan.segmentStarts !== undefined) ? 2 : 1;
  const output = { scratchBytes: 0, outputBytes: copies * Math.ceil(sum('estimatedOutputBytes')) };
  const needs: Need[] = [{ ...(await volumeOf(places.outputFolder)), ...output }];
  if (places.store.kind !== 'embedded') return needs;
  const scratchBytes = Math.ceil(sum('estimatedScratchBytes'));
  const scratch = await volumeOf(places.scratchFolder);
  const [first] = needs as [Need];
  if (first.volume === scratch.volume) return [{ ...first, scratchBytes }];
  return [...needs, { ...scratch, scratchBytes, outputBytes: 0 }];
}

/** Throws INSUFFICIENT_SPACE where they do not fit, even after `returning`, which comes back by itself. */
export async function assertSpace(
  needs: readonly Need[],
  returning: (volume: string) => number = () => 0,
): Promise<void> {
  for (const { volume, where, scratchBytes, outputBytes } of needs) {
    const neededBytes = scratchBytes + outputBytes;
    const free = await freeBytes(where);
    if (neededBytes <= free + returning(volume)) continue;
    throw new FarmError('INSUFFICIENT_SPACE', {
      message: `This job needs about ${gibibytes(neededBytes)} on the disk of ${where}, ${gibibytes(free)} are free.`,
      details: { neededBytes, freeBytes: free, folder: where },
    });
  }
}

/** Throws INSUFFICIENT_SPACE where the folder's disk has less than that free. */
export async function assertRoom(neededBytes: number, folder: string): Promise<void> {
  const free = await freeBytes(folder);
  if (neededBytes <= free) return;
  throw new FarmError('INSUFFICIENT_SPACE', {
    message: `About ${gibibytes(neededBytes)} are needed in ${folder}, ${gibibytes(free)} are free.`,
    details: { neededBytes, freeBytes: free, folder },
  });
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 3 : 1)} GiB`;
