import { type AnyPreset, FarmError, hasPicture, isStillPreset, type SourceReport } from '@reelmill/protocol';
import { isFilm } from '../manifest.ts';
import { checkSource } from '../probe/checkSource.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import { probeHeaders } from '../probe/probeSource.ts';
import { readSource } from '../probe/readSource.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';
import { headerIndex } from './headerIndex.ts';
import { type InspectOptions, inspectSource } from './inspectSource.ts';
import { assertFilters } from './judgeToolchain.ts';
import { isStillPlan, type OutputPlan } from './outputPlan.ts';
import type { PlanClasses } from './planLadder.ts';
import { planOutputs, withSettings } from './planOutput.ts';
import { reportOf } from './planSource.ts';
import { soundReport } from './soundReport.ts';
import { sourceReport } from './sourceReport.ts';

export interface RenditionOptions
  extends Omit<InspectOptions, 'preset' | 'toolchainClass' | 'onHeader' | 'onHeaders'>,
    PlanClasses {
  /** In the order of the request; ids differ. */
  readonly presets: readonly AnyPreset[];
  /** Called with the first answers as soon as the header was read. */
  readonly onHeader?: (reports: SourceReport[]) => void;
}

/**
 * Tells what a job of several renditions would do with a source: one report each, planned together as the job would,
 * so rungs that only repeat a smaller one are left out.
 * @throws FarmError as `inspectSource` and `planOutputs` do
 */
export async function inspectRenditions(path: string, options: RenditionOptions): Promise<SourceReport[]> {
  const { presets, settings, depth } = options;
  if (presets.length === 1 || !presets.some(wantsPicture)) return inspectEach(path, options);
  for (const preset of presets) withSettings(preset, settings);
  const source = { path, identity: await checkSource(path) };
  const { onHeader, ...reading } = options;
  if (depth === 'header') return forecasts(await probeHeaders(path, reading), source, options);
  const onHeaders = (info: MediaInfo): void => onHeader?.(forecasts(info, source, options));
  const { info, index } = await readSource(path, { ...reading, onHeaders });
  const plans = plansOf({ info, index }, source, options);
  for (const plan of plans) assertFilters(plan, options.tools.toolchain);
  return plans.map((plan) => reportOf({ kind: 'film', info, index }, plan, named(path, plan)));
}

const wantsPicture = (preset: AnyPreset): boolean => isStillPreset(preset) || hasPicture(preset);

const classOf = ({ id }: AnyPreset, { toolchainClass, hardwareClasses }: PlanClasses): string =>
  hardwareClasses?.get(id) ?? toolchainClass;

/** Sound alone is planned for itself, whatever else is made of the source. */
async function inspectEach(path: string, { presets, onHeader, ...options }: RenditionOptions): Promise<SourceReport[]> {
  const headers: SourceReport[] = [];
  const reports: SourceReport[] = [];
  for (const preset of presets) {
    const noteHeader = (report: SourceReport): void => {
      headers.push(report);
      if (headers.length === presets.length) onHeader?.(headers);
    };
    const own = { preset, toolchainClass: classOf(preset, options), onHeader: noteHeader };
    reports.push(await inspectSource(path, { ...options, ...own }));
  }
  return reports;
}

interface InspectedSource {
  readonly path: string;
  readonly identity: Awaited<ReturnType<typeof checkSource>>;
}

function plansOf(
  source: { readonly info: MediaInfo; readonly index: SourceIndex },
  { identity }: InspectedSource,
  { presets, settings, chunkSeconds, threads, toolchainClass, hardwareClasses }: RenditionOptions,
): OutputPlan[] {
  const classes = { toolchainClass, ...(hardwareClasses && { hardwareClasses }) };
  const order = { identity, presets, settings, chunkSeconds, threads, verify: 'seams', ...classes } as const;
  return planOutputs({ kind: 'film', ...source }, order);
}

const named = (path: string, { rendition, toolchainClass }: OutputPlan) => ({
  ...{ path, preset: rendition, toolchainClass },
});

/** Limits are for the index to judge: a header may lie. */
function forecasts(info: MediaInfo, source: InspectedSource, options: RenditionOptions): SourceReport[] {
  const index = headerIndex(info);
  const plans = index === null ? null : forecastPlans({ info, index }, source, options);
  if (plans !== null) return plans.map((plan) => forecast(info, plan, source.path));
  return options.presets.map((preset) => {
    const own = { path: source.path, preset: preset.id, toolchainClass: classOf(preset, options) };
    return sourceReport({ ...own, info, index: null, manifest: null });
  });
}

function forecastPlans(...input: Parameters<typeof plansOf>): OutputPlan[] | null {
  try {
    return plansOf(...input);
  } catch (thrown) {
    if (thrown instanceof FarmError && thrown.code === 'MEDIA_LIMIT_EXCEEDED') return null;
    throw thrown;
  }
}

function forecast(info: MediaInfo, plan: OutputPlan, path: string): SourceReport {
  const own = { ...named(path, plan), info };
  if (isStillPlan(plan) || isFilm(plan)) return sourceReport({ ...own, index: null, manifest: plan });
  return soundReport({ ...own, stage: 'header', manifest: plan });
}
