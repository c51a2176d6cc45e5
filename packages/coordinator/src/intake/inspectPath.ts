import { isAbsolute, resolve } from 'node:path';
import { createTurns, findPreset, inspectRenditions, withSettings } from '@reelmill/media';
import { FarmError, type InspectAnswer, type InspectRequest, inspectAnswer, presetsOf } from '@reelmill/protocol';
import type { CoreContext } from '../coreContext.ts';
import type { AgentRoster } from '../farm/agentRoster.ts';
import { placementOn, toolchainClassesFor } from '../farm/placement.ts';

/** Reading whole files competes with jobs for the disk. */
const inspectionsAtOnce = 2;

export type Inspect = (request: InspectRequest, signal: AbortSignal) => Promise<InspectAnswer>;

/**
 * Tells what a job of that file would do, by the same rules as a submission: PRESET_UNKNOWN, PRESET_INVALID,
 * REQUEST_INVALID, HARDWARE_UNPROVEN, and the refusals of the source itself, which a job would fail with.
 */
export function createInspect(context: CoreContext, roster: AgentRoster): Inspect {
  const turns = createTurns(inspectionsAtOnce);
  return async (request, signal) => {
    const { path, preset: _, depth, ...asked } = request;
    const presets = presetsOf(request).map((id) => findPreset(context.presets, id));
    if (!isAbsolute(path)) {
      throw new FarmError('REQUEST_INVALID', { message: `Paths must be absolute: ${JSON.stringify(path)}.` });
    }
    const set = presets.map((preset) => withSettings(preset, asked.settings));
    const classes = await toolchainClassesFor(set, context, signal);
    const own = { tools: context.tools, signal, presets, ...classes, depth };
    const inspect = () => inspectRenditions(resolve(path), { ...asked, ...own });
    const reports = depth === 'header' ? await inspect() : await turns.take(inspect, signal);
    const placed = reports.map((report) => ({
      ...report,
      placement: placementOn({ roster, context }, report.requires),
    }));
    return inspectAnswer(placed, request);
  };
}
