import { FarmError, type Preset, type SourceIdentity } from '@reelmill/protocol';
import { resolveAudio } from '../audio/resolveAudio.ts';
import type { Manifest } from '../manifest.ts';
import { applySettings } from '../presets/loadPresets.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';
import { autoChunkSeconds } from './autoChunkSeconds.ts';
import { cutFrames } from './cutFrames.ts';
import { cutNearKeyframes } from './cutNearKeyframes.ts';
import { encodeCostSeconds } from './encodeCost.ts';
import { estimateOutputBytes } from './estimateBytes.ts';
import { endOfLastFrame, planChunks } from './planChunks.ts';
import { resolveVideo } from './resolveVideo.ts';
import { wholeReason } from './wholeReason.ts';

/** Raised whenever the same input would give another plan. */
export const plannerVersion = 1;

export interface PlanInput {
  readonly info: MediaInfo;
  readonly index: SourceIndex;
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
}

/**
 * Makes the immutable plan of one rendition. Pure: never depends on nodes, speed or time (decision 2).
 * @throws FarmError PRESET_INVALID
 */
export function planRendition(input: PlanInput): Manifest {
  const { info, index } = input;
  const preset = applySettings(input.preset, input.settings);
  const { video, warnings: pictureWarnings } = resolveVideo(info, preset, input.threads ?? preset.threads);
  const times = timesOfFilm(info, index);
  const { audio, warnings: soundWarnings } = resolveAudio({
    tracks: info.audioTracks,
    preset,
    firstVideoSeconds: times.firstSeconds,
    audioEndSeconds: index.audioEndSeconds,
  });
  const costSeconds = encodeCostSeconds({ info, video, frames: index.pts.length });
  const asked = checkedChunkSeconds(input.chunkSeconds);
  const chunkSeconds = asked ?? autoChunkSeconds(times.durationSeconds, costSeconds);
  const cutInput = { pts: index.pts, timeBase: info.video.timeBase, chunkSeconds, endPts: times.endPts };
  const cuts = asked === null ? cutNearKeyframes(cutInput, index) : cutFrames(cutInput);
  const reason = wholeReason({ demuxer: info.demuxer, index, chunkCount: cuts.length, chunkSeconds });
  const bytes = estimateOutputBytes({ video, audio, index, durationSeconds: times.durationSeconds });
  return {
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
    warnings: [...pictureWarnings, ...soundWarnings, ...sourceWarnings(info, index)],
    chunkSeconds,
    chunks: planChunks(info, index, reason === null ? cuts : [0]),
    video,
    audio,
    container: preset.container,
    toolchainClass: input.toolchainClass,
    verify: input.verify,
    estimatedOutputBytes: bytes,
    estimatedScratchBytes: bytes,
  };
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

/** What of the source itself does not reach the output, besides what the preset changes. */
function sourceWarnings(info: MediaInfo, index: SourceIndex): string[] {
  const warnings: string[] = [];
  if (index.evidence === 'decoded' && index.errorLines > 0) {
    warnings.push('DECODE_ERRORS: the source is damaged; the output holds exactly the frames that can be decoded.');
  }
  if (info.videoTracks > 1) {
    warnings.push(
      `VIDEO_TRACKS_DROPPED: of ${info.videoTracks} video tracks the output holds stream ${info.video.index} only.`,
    );
  }
  if (info.subtitleTracks > 0) warnings.push('SUBTITLES_DROPPED: subtitle tracks are not carried over.');
  if (info.chapters > 0) warnings.push('CHAPTERS_DROPPED: chapter marks are not carried over.');
  return warnings;
}
