import { BugError, FarmError, type Preset } from '@reelmill/protocol';
import { chooseAudioTrack } from '../audio/audioTrack.ts';
import { resolveAudio } from '../audio/resolveAudio.ts';
import type { Manifest, ResolvedAudio } from '../manifest.ts';
import { applySettings } from '../presets/applySettings.ts';
import type { SoundSource } from '../probe/readSound.ts';
import { soundBytesPerSecond } from './estimateBytes.ts';
import { type PlanOrder, plannerVersion } from './planRendition.ts';
import { type SoundSideChoice, soundSide } from './soundSide.ts';
import { dropWarnings } from './trackFates.ts';

export interface SoundPlanInput extends PlanOrder {
  readonly source: SoundSource & { readonly info: SoundSideChoice['info'] };
}

const wholeReason = 'Sound is encoded in one piece: cut sound clicks at its seams.';

/**
 * The plan of an output of sound alone: the track with default disposition, else the first, in one task. Pure.
 * @throws FarmError NO_AUDIO, PRESET_INVALID, PRESET_UNSUITABLE
 */
export function planSound(input: SoundPlanInput): Manifest {
  const { info } = input.source;
  const preset = applySettings(input.preset, input.settings);
  const { audio, warnings } = mainSound(input.source, preset);
  const { side, fates } = soundSide({ info, container: preset.container, audio });
  const durationSeconds = audio.durationSeconds > 0 ? audio.durationSeconds : (info.durationSeconds ?? 0);
  const bytes = Math.ceil(soundBytesPerSecond([audio]) * durationSeconds * 1.02);
  return {
    plannerVersion,
    rendition: preset.id,
    presetId: preset.id,
    source: input.identity,
    demuxer: info.demuxer,
    containerStartSeconds: info.containerStartSeconds,
    timeBase: { num: 1, den: audio.sampleRate },
    frames: 0,
    frameEvidence: 'packets',
    firstPts: 0,
    durationSeconds,
    plan: 'whole',
    wholeReason,
    // the picture was not asked for: leaving it is no loss to warn of
    warnings: [...warnings, ...dropWarnings(fates.filter(({ kind }) => kind !== 'video'))],
    chunkSeconds: Math.max(0.001, durationSeconds),
    chunks: [],
    video: null,
    audio,
    moreAudio: [],
    encodedWith: [],
    soundFrom: null,
    side,
    fates: [...fates],
    container: preset.container,
    toolchainClass: input.toolchainClass,
    verify: input.verify,
    estimatedOutputBytes: bytes,
    estimatedScratchBytes: bytes,
  };
}

function mainSound(
  { info, audioEndSeconds }: SoundSource,
  preset: Preset,
): { readonly audio: ResolvedAudio; readonly warnings: readonly string[] } {
  const main = chooseAudioTrack(info.audioTracks);
  if (main === null) throw new FarmError('NO_AUDIO');
  const isMeasured = main === (info.audioTracks.find(({ isDefault }) => isDefault) ?? info.audioTracks[0]);
  const { audio, warnings } = resolveAudio({
    tracks: [main],
    preset,
    // nothing to be apart from
    firstVideoSeconds: main.startSeconds,
    audioEndSeconds: isMeasured ? audioEndSeconds : null,
  });
  if (audio === null) throw new BugError('a track without a plan');
  return { audio, warnings };
}
