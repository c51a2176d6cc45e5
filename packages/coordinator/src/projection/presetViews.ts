import { outputFormat } from '@reelmill/media';
import type { PresetView } from '@reelmill/protocol';
import type { ProjectionOptions } from '../farmCorePort.ts';

/** What windows show of the presets there are. */
export const presetViews = (presets: ProjectionOptions['presets']): PresetView[] =>
  presets.map((preset) => {
    const { id, name, description } = preset;
    return { id, name, description, container: outputFormat(preset) };
  });
