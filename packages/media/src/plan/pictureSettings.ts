import { BugError, type Preset, type VideoSettings } from '@reelmill/protocol';

/** What a preset with a picture asks for; which presets have one is known before. */
export function pictureSettings({ id, video }: Preset): VideoSettings {
  if (video === null) throw new BugError(`the preset ${id} has no picture to plan`);
  return video;
}
