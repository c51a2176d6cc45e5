import type { CutDecision, PlannedOutput, RenditionId, SourceReport } from '@reelmill/protocol';
import { soundTracks } from '../audio/soundTracks.ts';
import type { Chunk, FilmManifest, Rational } from '../manifest.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';
import { passageSeconds, plannedStills, stillEncoder } from '../still/stillReport.ts';
import { boundedFates, clip } from './boundedFates.ts';
import { chunkOverheadSeconds, encodeCostSeconds, soundCostSeconds } from './encodeCost.ts';
import { estimatePlanMemoryBytes, type SourcePicture } from './estimateMemory.ts';
import { filtersOf } from './judgeToolchain.ts';
import { isStillPlan, type PicturePlan } from './outputPlan.ts';
import { sourceFacts } from './sourceFacts.ts';
import { canBeCut } from './wholeReason.ts';

export interface ReportInput {
  readonly path: string;
  readonly preset: RenditionId;
  readonly toolchainClass: string;
  readonly info: MediaInfo;
  /** null: only the header was read, and the manifest is a forecast. */
  readonly index: SourceIndex | null;
  /** null: the header tells too little for a forecast. */
  readonly manifest: PicturePlan | null;
}

/** What a render would do with a source, for people and machines. Pure. */
export function sourceReport(input: ReportInput): SourceReport {
  const { info, index, manifest } = input;
  return {
    stage: index === null ? 'header' : 'index',
    path: input.path,
    preset: input.preset,
    source: sourceFacts(info, index, manifest),
    decision: cutDecision(input),
    output: manifest === null ? null : outputOf(info, index, manifest),
    fates: boundedFates(manifest?.fates ?? []),
    warnings: (manifest?.warnings ?? []).map(clip),
    requires: requirements(input.toolchainClass, manifest, info.video),
  };
}

function requirements(
  toolchainClass: string,
  manifest: PicturePlan | null,
  picture: SourcePicture,
): SourceReport['requires'] {
  if (manifest === null) return { toolchainClass, encoders: [] };
  const filters = filtersOf(manifest);
  const memoryBytes = estimatePlanMemoryBytes(manifest, picture);
  return { toolchainClass, encoders: encodersOf(manifest), ...(filters.length === 0 ? {} : { filters }), memoryBytes };
}

/** Encoders a node must have to take part in every task of the plan. */
const encodersOf = (manifest: PicturePlan): string[] =>
  isStillPlan(manifest)
    ? [stillEncoder(manifest.output)]
    : [...new Set([manifest.video.encoder, ...soundTracks(manifest).map(({ audio }) => audio.encoder)])];

function cutDecision({ info, index, manifest }: ReportInput): CutDecision {
  const isFinal = index !== null;
  if (manifest === null) {
    return {
      kind: 'open',
      isFinal: false,
      reason: 'The header states no length that can be relied on; the index tells it.',
    };
  }
  if (manifest.plan === 'whole') {
    const reason = manifest.wholeReason ?? 'It cannot be cut safely.';
    return { kind: 'whole', isFinal: isFinal || !canBeCut(info.demuxer), reason };
  }
  const lengths = isStillPlan(manifest)
    ? passageSeconds(manifest)
    : manifest.chunks.map((chunk) => chunkLength(chunk, manifest.timeBase));
  return {
    kind: 'chunked',
    isFinal,
    reason: isFinal
      ? 'Every frame is listed and can be reached exactly, so several nodes can work on it at once.'
      : 'Nothing in the header speaks against cutting; the index decides.',
    chunks: {
      count: lengths.length,
      targetSeconds: manifest.chunkSeconds,
      shortestSeconds: lengths.reduce((least, length) => Math.min(least, length)),
      longestSeconds: lengths.reduce((most, length) => Math.max(most, length)),
    },
  };
}

const chunkLength = (chunk: Chunk, { num, den }: Rational): number =>
  Math.round(((chunk.durationTicks * num) / den) * 1000) / 1000;

function outputOf(info: MediaInfo, index: SourceIndex | null, manifest: PicturePlan): PlannedOutput {
  return isStillPlan(manifest) ? plannedStills(manifest, index !== null) : plannedOutput(info, index, manifest);
}

function plannedOutput(info: MediaInfo, index: SourceIndex | null, manifest: FilmManifest): PlannedOutput {
  const { video, audio, frames, durationSeconds } = manifest;
  const cpuSeconds =
    encodeCostSeconds({ info, video, frames }) +
    chunkOverheadSeconds * manifest.chunks.length +
    soundTracks(manifest).reduce((sum, sound) => sum + soundCostSeconds(sound.audio, durationSeconds), 0);
  return {
    container: manifest.container,
    size: { width: video.width, height: video.height },
    videoEncoder: video.encoder,
    audioEncoder: audio?.encoder ?? null,
    frames,
    frameEvidence: index === null ? 'header' : manifest.frameEvidence,
    durationSeconds,
    estimatedBytes: manifest.estimatedOutputBytes,
    predictedCpuSeconds: Math.round(cpuSeconds * 100) / 100,
  };
}
