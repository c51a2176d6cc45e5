import {
  defaultSequenceSettings,
  FarmError,
  type FrameRate,
  GapPolicy,
  KeepScratch,
  nameTemplateFault,
  PackageKind,
  parseByteSize,
  parseFrameRate,
  SegmentSeconds,
  Spill,
  type SubmitRequest,
  Tag,
} from '@reelmill/protocol';
import { InvalidArgumentError } from 'commander';

/** `--set K=V`, repeatable. */
export function collectSetting(value: string, previous: Record<string, string>): Record<string, string> {
  const separator = value.indexOf('=');
  if (separator < 1) throw new InvalidArgumentError('Expected KEY=VALUE.');
  return { ...previous, [value.slice(0, separator)]: value.slice(separator + 1) };
}

/** `--preset A` or `--preset A,B,C`: the renditions of one job. */
export function presetList(value: string): string[] {
  const presets = value.split(',').map((part) => part.trim());
  if (presets.every((preset) => preset !== '')) return presets;
  throw new InvalidArgumentError('Expected a preset, or several with commas between.');
}

export const wholeNumber =
  (minimum: number, maximum: number) =>
  (value: string): number => {
    const parsed = Number(value);
    if (!Number.isInteger(parsed) || parsed < minimum || parsed > maximum) {
      throw new InvalidArgumentError(`Expected a whole number from ${minimum} to ${maximum}.`);
    }
    return parsed;
  };

export function positiveSeconds(value: string): number {
  const parsed = Number(value);
  if (!Number.isFinite(parsed) || parsed <= 0 || parsed > 3600) {
    throw new InvalidArgumentError('Expected seconds, more than 0 and at most 3600.');
  }
  return parsed;
}

export type VerifyDepth = 'seams' | 'full';
export function verifyDepth(value: string): VerifyDepth {
  if (value === 'seams' || value === 'full') return value;
  throw new InvalidArgumentError('Expected seams or full.');
}

export function frameRate(value: string): FrameRate {
  const parsed = parseFrameRate(value);
  if (parsed === null) throw new InvalidArgumentError('Expected frames per second, as 24, 29.97 or 24000/1001.');
  return parsed;
}

export function gapPolicy(value: string): GapPolicy {
  const parsed = GapPolicy.safeParse(value);
  if (!parsed.success) throw new InvalidArgumentError('Expected fail, hold or skip.');
  return parsed.data;
}

/** What of `--fps` and `--gaps` was given, as a part of a request. */
export function sequenceOptions(options: {
  readonly fps?: FrameRate;
  readonly gaps?: GapPolicy;
}): Pick<SubmitRequest, 'sequence'> {
  const { frameRate, gaps } = defaultSequenceSettings;
  return { sequence: { frameRate: options.fps ?? frameRate, gaps: options.gaps ?? gaps } };
}

export function packageKind(value: string): PackageKind {
  const parsed = PackageKind.safeParse(value);
  if (!parsed.success) throw new InvalidArgumentError('Expected hls, dash or hls-dash.');
  return parsed.data;
}

export function segmentSeconds(value: string): number {
  const parsed = SegmentSeconds.safeParse(Number(value));
  if (!parsed.success) throw new InvalidArgumentError('Expected seconds, 1 to 10.');
  return parsed.data;
}

/** What of `--package` and `--segment-seconds` was given, as a part of a request. */
export function packageOptions(options: {
  readonly package?: PackageKind;
  readonly segmentSeconds?: number;
}): Pick<SubmitRequest, 'package' | 'segmentSeconds'> {
  const { package: kind, segmentSeconds } = options;
  return { package: kind, segmentSeconds };
}

/** `--on TAG`, or `--on PRESET=TAG` for each of several. */
export function pinnedTo(value: string, previous: SubmitRequest['on']): SubmitRequest['on'] {
  const separator = value.indexOf('=');
  const tag = Tag.safeParse(value.slice(separator + 1));
  if (!tag.success) throw new InvalidArgumentError('Expected TAG, or PRESET=TAG.');
  const isOfAll = separator < 1;
  if (previous != null && isOfAll !== (typeof previous === 'string')) {
    throw new InvalidArgumentError('Expected one TAG for all presets, or PRESET=TAG for each.');
  }
  if (isOfAll) return tag.data;
  return { ...(typeof previous === 'object' ? previous : {}), [value.slice(0, separator)]: tag.data };
}

export function spillRule(value: string): Spill {
  const parsed = Spill.safeParse(value);
  if (!parsed.success) throw new InvalidArgumentError('Expected never or busy.');
  return parsed.data;
}

export function scratchTime(value: string): KeepScratch {
  const parsed = KeepScratch.safeParse(value);
  if (!parsed.success) throw new InvalidArgumentError('Expected verify, or hours as 24h.');
  return parsed.data;
}

export function freeSize(value: string): number {
  const bytes = parseByteSize(value);
  if (bytes === null) throw new InvalidArgumentError('Expected a size, as 2GB, or 0.');
  return bytes;
}

/** Refuses an empty list with the code scripts look for. */
export function requireInputs(inputs: readonly string[]): void {
  if (inputs.length === 0) throw new FarmError('NO_INPUT');
}

/** `--name '{source}_{preset}'`. */
export function nameTemplate(value: string): string {
  const fault = nameTemplateFault(value);
  if (fault !== null) throw new InvalidArgumentError(fault);
  return value;
}

export type InspectDepth = 'header' | 'index';
export function inspectDepth(value: string): InspectDepth {
  if (value === 'header' || value === 'index') return value;
  throw new InvalidArgumentError('Expected header or index.');
}
