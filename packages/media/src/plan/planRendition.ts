import { FarmError, type Preset, type SourceIdentity, type VideoSettings } from '@reelmill/protocol';
import { resolveAudio } from '../audio/resolveAudio.ts';
import { soundTracks } from '../audio/soundTracks.ts';
import { burnedStream } from '../burnIn/burnIn.ts';
import { burnInWarnings, resolveBurnIn } from '../burnIn/resolveBurnIn.ts';
import type { FilmManifest, ResolvedVideo } from '../manifest.ts';
import { applySettings } from '../presets/applySettings.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';
import { autoChunkSeconds } from './autoChunkSeconds.ts';
import { assertClockFits } from './clockLimits.ts';
import { atFrameRate, isAtRate } from './convertFrameRate.ts';
import { cutFrames } from './cutFrames.ts';
import { cutNearKeyframes } from './cutNearKeyframes.ts';
import { decideVideo } from './decideVideo.ts';
import { deltaRuns } from './deltaRuns.ts';
import { encodeCostSeconds } from './encodeCost.ts';
import { estimateOutputBytes, estimateStatsBytes } from './estimateBytes.ts';
import { mediaFates } from './mediaFates.ts';
import { pictureSettings } from './pictureSettings.ts';
import { endOfLastFrame, planChunks } from './planChunks.ts';
import { resolveSide } from './resolveSide.ts';
import { cutAtSegments, segmentStarts, steadyFrameTicks, withSegments } from './segmentStarts.ts';
import { withTargetSize } from './targetSize.ts';
import { dropWarnings } from './trackFates.ts';
import { wholeReason } from './wholeReason.ts';

/** Raised whenever the same input would give another plan. */
export const plannerVersion = 3;

/** What is asked of a source, whatever it holds. */
export interface PlanOrder {
  readonly identity: SourceIdentity;
  readonly preset: Preset;
  /** `--set key=value`. */
  readonly settings: Readonly<Record<string, string>>;
  /** null: chosen from length and predicted cost. */
  readonly chunkSeconds: number | null;
  /** null: the preset's constant. */
  readonly threads: number | null;
  readonly toolchainClass: string;
  readonly verify: 'seams' | 'full';
  /** CPU seconds of all renditions that share the cut; default: of this one. */
  readonly costSeconds?: number;
  /** Length of the segments of the package it goes into; default: it goes into none. */
  readonly segmentSeconds?: number | null;
}

export interface PlanInput extends PlanOrder {
  readonly info: MediaInfo;
  readonly index: SourceIndex;
}

/**
 * Makes the immutable plan of one rendition. Pure: never depends on nodes, speed or time (decision 2).
 * @throws FarmError PRESET_INVALID, PRESET_UNSUITABLE, MEDIA_LIMIT_EXCEEDED, HARDWARE_UNPROVEN
 */
export function planRendition(input: PlanInput): FilmManifest {
  const { info, index } = input;
  const preset = applySettings(input.preset, input.settings);
  const picture = decideVideo(preset, input);
  const newRate = newRateOf(pictureSettings(preset), input);
  const times = timesOfFilm(info, index);
  const rate = steadyRate(info, index);
  const { firstSeconds } = times;
  const burnIn = resolveBurnIn({
    ...{ info, video: pictureSettings(preset), picture: picture.video, steadyRate: rate, firstSeconds },
    firstPts: index.pts[0] ?? 0,
  });
  const drawn: ResolvedVideo = burnIn === undefined ? picture.video : { ...picture.video, burnIn };
  assertClockFits(index, info, { endPts: times.endPts, container: preset.container });
  const {
    audio,
    moreAudio,
    warnings: soundWarnings,
  } = resolveAudio({
    tracks: info.audioTracks,
    preset,
    firstVideoSeconds: times.firstSeconds,
    audioEndSeconds: index.audioEndSeconds,
  });
  const sounds = soundTracks({ audio, moreAudio: [...moreAudio] }).map((sound) => sound.audio);
  const { durationSeconds } = times;
  const isSteady = newRate !== null || deltaRuns(index.pts).length <= 1;
  const sized = withTargetSize(drawn, preset, { sounds, durationSeconds, frames: index.pts.length, isSteady });
  const { video } = sized;
  const { side, fates: sideFates } = resolveSide({
    info,
    container: preset.container,
    zeroSeconds: times.firstSeconds + Math.min(0, ...sounds.map(({ offsetSeconds }) => offsetSeconds)),
    durationSeconds: times.durationSeconds,
    // a timecode that counts frames of the source would count wrong at another rate
    steadyRate: newRate === null ? rate : null,
    burnedSubtitle: burnedStream(burnIn),
  });
  const fates = [...mediaFates(info, video, sounds), ...sideFates];
  const costSeconds = input.costSeconds ?? encodeCostSeconds({ info, video, frames: index.pts.length });
  const asked = checkedChunkSeconds(input.chunkSeconds);
  const chunkSeconds = asked ?? autoChunkSeconds(times.durationSeconds, costSeconds);
  const cutInput = { pts: index.pts, timeBase: info.video.timeBase, chunkSeconds, endPts: times.endPts };
  const { segmentSeconds = null } = input;
  const wanted = asked === null ? cutNearKeyframes(cutInput, index) : cutFrames(cutInput);
  const cuts = segmentSeconds === null ? wanted : cutAtSegments(wanted, segmentStarts(cutInput, segmentSeconds));
  const question = { demuxer: info.demuxer, index, chunkCount: cuts.length, chunkSeconds, durationSeconds };
  const reason = wholeReason(question) ?? picture.wholeReason ?? sized.wholeReason;
  const bytes = estimateOutputBytes({ video, sounds, index, durationSeconds });
  const plan: FilmManifest = {
    plannerVersion,
    rendition: preset.id,
    presetId: preset.id,
    source: input.identity,
    demuxer: info.demuxer,
    containerStartSeconds: info.containerStartSeconds,
    timeBase: info.video.timeBase,
    frames: index.pts.length,
    frameEvidence: index.evidence,
    firstPts: index.pts[0] ?? 0,
    durationSeconds: times.durationSeconds,
    plan: reason === null ? 'chunked' : 'whole',
    wholeReason: reason,
    warnings: [
      ...picture.warnings,
      ...burnInWarnings(burnIn),
      ...soundWarnings,
      ...damageWarnings(index),
      ...dropWarnings(fates),
    ],
    chunkSeconds,
    chunks: planChunks(info, index, reason === null ? cuts : [0]),
    video,
    audio,
    moreAudio: [...moreAudio],
    side,
    fates,
    container: preset.container,
    toolchainClass: input.toolchainClass,
    encodedWith: [],
    soundFrom: null,
    verify: input.verify,
    estimatedOutputBytes: bytes,
    estimatedScratchBytes: bytes + estimateStatsBytes(video, { frames: index.pts.length, durationSeconds }),
  };
  const atRate = newRate === null ? plan : atFrameRate(plan, newRate);
  return segmentSeconds === null ? atRate : withSegments(atRate, segmentSeconds);
}

/** The constant rate the preset asks for, or null where it asks for none or the source has it. */
function newRateOf(video: VideoSettings, { info, index }: PlanInput) {
  const rate = video.codec === 'ffv1' ? null : video.frameRate;
  return rate === null || isAtRate(rate, index.pts, info.video.timeBase) ? null : rate;
}

function timesOfFilm(info: MediaInfo, index: SourceIndex) {
  const secondsPerTick = info.video.timeBase.num / info.video.timeBase.den;
  const firstPts = index.pts[0] ?? 0;
  const endPts = endOfLastFrame(index, info);
  return { endPts, firstSeconds: firstPts * secondsPerTick, durationSeconds: (endPts - firstPts) * secondsPerTick };
}

function checkedChunkSeconds(chunkSeconds: number | null): number | null {
  if (chunkSeconds === null || (Number.isFinite(chunkSeconds) && chunkSeconds > 0)) return chunkSeconds;
  throw new FarmError('PRESET_INVALID', { message: `A chunk cannot be ${chunkSeconds} seconds long.` });
}

/** What a user should know of a source whose frames had to be counted by decoding. */
export function damageWarnings(index: SourceIndex): string[] {
  if (index.evidence !== 'decoded' || index.errorLines === 0) return [];
  return ['DECODE_ERRORS: the source is damaged; the output holds exactly the frames that can be decoded.'];
}

/** Frames per second where every frame lasts about as long as the average; else null. */
function steadyRate({ video }: MediaInfo, { pts }: SourceIndex): number | null {
  const frameTicks = steadyFrameTicks(pts);
  return frameTicks === null ? null : video.timeBase.den / video.timeBase.num / frameTicks;
}
