import { isAbsolute, resolve } from 'node:path';
import { createTurns, findPreset, inspectSource, withSettings } from '@reelmill/media';
import { FarmError, type InspectAnswer, type InspectRequest } from '@reelmill/protocol';
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
    const { path, preset: presetId, depth, ...asked } = request;
    const preset = findPreset(context.presets, presetId);
    if (!isAbsolute(path)) {
      throw new FarmError('REQUEST_INVALID', { message: `Paths must be absolute: ${JSON.stringify(path)}.` });
    }
    const classes = await toolchainClassesFor([withSettings(preset, asked.settings)], context, signal);
    const toolchainClass = classes.hardwareClasses?.get(preset.id) ?? classes.toolchainClass;
    const own = { tools: context.tools, signal, preset, toolchainClass, depth };
    const inspect = () => inspectSource(resolve(path), { ...asked, ...own });
    const report = depth === 'header' ? await inspect() : await turns.take(inspect, signal);
    return { ...report, placement: placementOn({ roster, context }, report.requires) };
  };
}
