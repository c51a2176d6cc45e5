import { type Manifest, type StillManifest, stillTasks } from '@reelmill/media';
import type { TaskPlan } from '@reelmill/scheduler';

type DiskNeed = Required<Pick<TaskPlan, 'diskBytes' | 'fetchBytes'>>;

/** Containers have a size even where the picture has none. */
const leastBytes = 1024 ** 2;
/** Uncompressed stereo at 48 kHz and 32 bits: no track of ours is larger. */
const soundBytesPerSecond = 2 * 4 * 48_000;

const need = (bytes: number, { source }: Pick<Manifest, 'source'>): DiskNeed => ({
  diskBytes: Math.ceil(bytes) + leastBytes,
  fetchBytes: source.sizeBytes,
});

/** A chunk of each of these renditions, as large as the longest: the same for all chunks, so that they wait together. */
export function encodeDisk(manifests: readonly [Manifest, ...Manifest[]]): DiskNeed {
  const bytes = manifests.reduce((sum, { chunks, frames, estimatedOutputBytes }) => {
    const longest = chunks.reduce((most, { first, end }) => Math.max(most, end - first), 0);
    return sum + estimatedOutputBytes * (frames === 0 ? 1 : longest / frames);
  }, 0);
  return need(bytes, manifests[0]);
}

export const soundDisk = (manifest: Manifest): DiskNeed =>
  need(manifest.durationSeconds * soundBytesPerSecond, manifest);

export function extractDisk(manifest: StillManifest): DiskNeed {
  const frames = stillTasks(manifest).map((task) => task.frames);
  const share = Math.max(...frames) / frames.reduce((sum, one) => sum + one, 0);
  return need(manifest.estimatedScratchBytes * share, manifest);
}

/** All parts, fetched, and the film they make. */
export const joinDisk = (manifest: Manifest): DiskNeed =>
  need(manifest.estimatedScratchBytes + manifest.estimatedOutputBytes, manifest);
