import { FarmError, presetsOf, RenditionId, type SubmitRequest } from '@reelmill/protocol';
import type { JobRequest } from '../jobRecords.ts';

/**
 * The tags that renditions of a request are pinned to, as a part of its record; empty where there are none.
 * @throws FarmError REQUEST_INVALID where it names a preset that is not asked for
 */
export function pinsOf(request: SubmitRequest): Pick<JobRequest, 'pins'> {
  const { on, spill } = request;
  if (!on) return {};
  const presets = presetsOf(request).map((preset) => RenditionId.parse(preset));
  if (typeof on === 'string') {
    return { pins: { tags: Object.fromEntries(presets.map((preset) => [preset, on])), spill: spill ?? 'never' } };
  }
  const strange = Object.keys(on).find((preset) => !presets.some((asked) => asked === preset));
  if (strange !== undefined) {
    throw new FarmError('REQUEST_INVALID', {
      message: `${strange} is to run on ${on[strange]}, but is not asked for.`,
    });
  }
  return { pins: { tags: on, spill: spill ?? 'never' } };
}
