import { z } from 'zod';
import { RenditionId, Sha256 } from './ids.ts';

/** What a package can be played as: HLS playlists, a DASH manifest, or both over the same files. */
export const PackageKind = z.enum(['hls', 'dash', 'hls-dash']);
export type PackageKind = z.infer<typeof PackageKind>;

/** Length of a package's segments; each begins with a key frame, in all renditions at the same frame. */
export const SegmentSeconds = z.number().min(1).max(10);
export const defaultSegmentSeconds = 4;

/** Under this name a job journals its package among its outputs; no preset may have it. */
export const packageOutputId = RenditionId.parse('package');

export const PackageView = z.object({
  kind: PackageKind,
  /** Of its folder. */
  path: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  /** Of the lines `sha256sum *` prints in that folder, in the order of the names' bytes. */
  sha256: Sha256,
});
export type PackageView = z.infer<typeof PackageView>;
