import { type AnyPreset, FarmError, isStillPreset, type SourceIdentity, type SourceReport } from '@reelmill/protocol';
import { checkSource } from '../probe/checkSource.ts';
import type { IndexOptions } from '../probe/indexSource.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import { probeHeaders } from '../probe/probeSource.ts';
import { readSource } from '../probe/readSource.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';
import { headerIndex } from './headerIndex.ts';
import { inspectSound } from './inspectSound.ts';
import { assertFilters } from './judgeToolchain.ts';
import type { PicturePlan } from './outputPlan.ts';
import { planPicture, withSettings } from './planOutput.ts';
import { sourceReport } from './sourceReport.ts';

export interface InspectOptions extends IndexOptions {
  readonly preset: AnyPreset;
  readonly settings: Readonly<Record<string, string>>;
  readonly chunkSeconds: number | null;
  readonly threads: number | null;
  readonly toolchainClass: string;
  /** `header` reads a few kilobytes; `index` the whole file, as the plan of a job does. */
  readonly depth: 'header' | 'index';
  /** Called with the first answer as soon as the header was read. */
  readonly onHeader?: (report: SourceReport) => void;
}

/**
 * Tells what a render of a source would do, without rendering anything.
 * @throws FarmError as `checkSource`, `readSource` and `planOutput` do
 */
export async function inspectSource(path: string, options: InspectOptions): Promise<SourceReport> {
  // what is wrong with the request is said before anything is read
  withSettings(options.preset, options.settings);
  const identity = await checkSource(path);
  const { preset } = options;
  if (!isStillPreset(preset) && preset.video === null) return inspectSound(path, identity, { ...options, preset });
  const ofHeader = (info: MediaInfo): SourceReport => forecast(info, identity, options);
  if (options.depth === 'header') return ofHeader(await probeHeaders(path, options));
  const onHeaders = (info: MediaInfo): void => options.onHeader?.(ofHeader(info));
  const { info, index } = await readSource(path, { ...options, onHeaders });
  const manifest = plan(info, index, { identity, options });
  assertFilters(manifest, options.tools.toolchain);
  return sourceReport({ ...common(path, options), info, index, manifest });
}

function forecast(info: MediaInfo, identity: SourceIdentity, options: InspectOptions): SourceReport {
  const promised = headerIndex(info);
  const manifest = promised === null ? null : forecastPlan(info, promised, { identity, options });
  return sourceReport({ ...common(identity.path, options), info, index: null, manifest });
}

/** Limits are for the index to judge: a header may lie. */
function forecastPlan(...input: Parameters<typeof plan>): PicturePlan | null {
  try {
    return plan(...input);
  } catch (thrown) {
    if (thrown instanceof FarmError && thrown.code === 'MEDIA_LIMIT_EXCEEDED') return null;
    throw thrown;
  }
}

const common = (path: string, { preset, toolchainClass }: InspectOptions) => ({
  path,
  preset: preset.id,
  toolchainClass,
});

function plan(info: MediaInfo, index: SourceIndex, own: { identity: SourceIdentity; options: InspectOptions }) {
  const { preset, settings, chunkSeconds, threads, toolchainClass } = own.options;
  const { identity } = own;
  return planPicture({
    ...{ info, index, identity, preset, settings, chunkSeconds, threads, toolchainClass },
    verify: 'seams',
  });
}
