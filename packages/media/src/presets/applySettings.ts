import { assertNever, FarmError, Preset, parseByteSize, parseFrameRate, type VideoSettings } from '@reelmill/protocol';

/**
 * A preset with a job's `--set key=value` settings applied: `speed`, `crf`, `encoder`, `deinterlace`, `tone-map`, `fps`,
 * `timecode`, `timecode-size`, `subtitle`, `subtitle-size`, `size` and `loudness` (LUFS, or `off`), as far as its codecs
 * have them.
 * @throws FarmError PRESET_INVALID for an unknown key or a value out of range
 */
export function applySettings(preset: Preset, settings: Readonly<Record<string, string>>): Preset {
  return Object.entries(settings).reduce((current, [key, value]) => applySetting(current, key, value), preset);
}

function applySetting(preset: Preset, key: string, value: string): Preset {
  const known = settingsOf(preset);
  if (!known.includes(key)) {
    const why = known.length === 0 ? 'it has no settings' : `its settings are ${known.join(', ')}`;
    throw settingError(preset, `${key}=${value}`, why);
  }
  const changed = Preset.safeParse({ ...preset, ...changeOf(preset, key, value) });
  if (changed.success) return changed.data;
  throw settingError(preset, `${key}=${value}`, `${key}: ${changed.error.issues[0]?.message ?? 'not valid'}`);
}

/** What `--set` may change of a preset. */
function settingsOf({ video }: Preset): string[] {
  if (video === null || video.codec === 'ffv1') return ['loudness'];
  return [
    ...('speed' in video ? ['speed'] : []),
    ...('rate' in video && 'crf' in video.rate ? ['crf'] : []),
    ...('encoder' in video ? ['encoder'] : []),
    ...['deinterlace', 'tone-map', 'fps', 'timecode', 'timecode-size', 'subtitle', 'subtitle-size'],
    ...(sizedCodecs.includes(video.codec) ? ['size'] : []),
    'loudness',
  ];
}

/** Their encoders aim at a bit rate. */
const sizedCodecs: readonly string[] = ['h264', 'hevc', 'av1', 'vp9'];

/** The changed part as data that is not checked yet: the schema of the preset knows the ranges. */
function changeOf(preset: Preset, key: string, value: string): Record<string, unknown> {
  const { video, audio } = preset;
  if (key === 'loudness') return { audio: { ...audio, loudness: loudnessOf(preset, value) } };
  return video === null ? {} : { video: { ...video, ...pictureChange(video, key, value) } };
}

function pictureChange(video: VideoSettings, key: string, value: string): Record<string, unknown> {
  switch (key) {
    case 'speed':
      return { speed: 'speed' in video && typeof video.speed === 'number' ? numberOf(value) : value };
    case 'crf':
      return { rate: { ...('rate' in video ? video.rate : {}), crf: numberOf(value) } };
    case 'encoder':
      return { encoder: value };
    case 'deinterlace':
      return { deinterlace: flagOf(value) };
    case 'tone-map':
      return { toneMap: flagOf(value) };
    case 'size':
      return { rate: { mode: 'target-size', bytes: parseByteSize(value) ?? value } };
    case 'timecode':
    case 'timecode-size':
    case 'subtitle':
    case 'subtitle-size':
      return burnInChange(video, key, value);
    default:
      return { frameRate: parseFrameRate(value) ?? value };
  }
}

type BurnInKey = 'timecode' | 'timecode-size' | 'subtitle' | 'subtitle-size';

/** Place or track turn a text on, and so does a size; the schema fills in the rest. */
function burnInChange(video: VideoSettings, key: BurnInKey, value: string): Record<string, unknown> {
  const { burnTimecode, burnSubtitle } = video.codec === 'ffv1' ? { burnTimecode: null, burnSubtitle: null } : video;
  switch (key) {
    case 'timecode':
      return { burnTimecode: value === 'no' ? null : { ...burnTimecode, position: value } };
    case 'timecode-size':
      return { burnTimecode: { ...burnTimecode, sizePercent: numberOf(value) } };
    case 'subtitle':
      return { burnSubtitle: value === 'no' ? null : { ...burnSubtitle, track: numberOf(value) } };
    case 'subtitle-size':
      return { burnSubtitle: { ...burnSubtitle, sizePercent: numberOf(value) } };
    default:
      return assertNever(key);
  }
}
/** Peaks and range stay as the preset has them. */
const loudnessOf = ({ audio }: Preset, value: string) =>
  value === 'off' ? null : { ...audio.loudness, integratedLufs: numberOf(value) };

/** Text that is no number stays text, and the schema refuses it. */
const numberOf = (text: string) => (text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text));
const flagOf = (text: string) => (text === 'yes' ? true : text === 'no' ? false : text);

function settingError(preset: Preset, setting: string, why: string): FarmError {
  return new FarmError('PRESET_INVALID', {
    message: `The preset ${preset.id} does not take ${setting}: ${why}.`,
    details: { preset: preset.id, setting },
  });
}
