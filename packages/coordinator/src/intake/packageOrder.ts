import { assertPackageable } from '@reelmill/media';
import { defaultSegmentSeconds, FarmError, type Preset, type SubmitRequest } from '@reelmill/protocol';
import type { JobRequest } from '../jobRecords.ts';

/** What a request says of its package; the folder's name is settled source by source. */
export type PackageOrder = Omit<NonNullable<JobRequest['package']>, 'plannedPath'>;

/**
 * The package asked for, or null.
 * @throws FarmError REQUEST_INVALID for presets that no package takes, or a segment length without a package
 */
export function packageOrder(request: SubmitRequest, presets: readonly Preset[]): PackageOrder | null {
  const { package: kind, segmentSeconds } = request;
  if (kind != null) {
    if (presets.length === 0)
      throw new FarmError('REQUEST_INVALID', { message: 'A package is made of films: name one.' });
    assertPackageable(presets);
    return { kind, segmentSeconds: segmentSeconds ?? defaultSegmentSeconds };
  }
  if (segmentSeconds == null) return null;
  throw new FarmError('REQUEST_INVALID', {
    message: 'segmentSeconds is the length of the segments of a package: ask for one.',
  });
}
