import type { SourceReport } from '@reelmill/protocol';
import type { Manifest } from '../manifest.ts';
import type { SoundInfo } from '../probe/mediaInfo.ts';
import { boundedFates, clip } from './boundedFates.ts';
import { containerName } from './containerName.ts';
import { chunkOverheadSeconds, soundCostSeconds } from './encodeCost.ts';
import type { ReportInput } from './sourceReport.ts';

export interface SoundReportInput extends Pick<ReportInput, 'path' | 'preset' | 'toolchainClass'> {
  /** `header`: the packets were not listed yet. */
  readonly stage: SourceReport['stage'];
  readonly info: SoundInfo;
  readonly manifest: Manifest;
}

/** What a render of the sound alone would do with a source. Pure. */
export function soundReport({ stage, path, preset, info, manifest, toolchainClass }: SoundReportInput): SourceReport {
  const { audio, durationSeconds } = manifest;
  const cpuSeconds = chunkOverheadSeconds + (audio === null ? 0 : soundCostSeconds(audio, durationSeconds));
  return {
    ...{ stage, path, preset },
    source: {
      container: containerName(info.demuxer),
      ...{ demuxer: info.demuxer, sizeBytes: info.sizeBytes, durationSeconds: info.durationSeconds ?? durationSeconds },
      video: null,
      ...{ videoTracks: info.videoTracks, audioTracks: info.audioTracks.length },
      ...{ subtitleTracks: info.subtitleTracks, chapters: info.chapters },
    },
    decision: { kind: 'whole', isFinal: true, reason: manifest.wholeReason ?? '' },
    output: {
      container: manifest.container,
      ...{ size: null, videoEncoder: null, frames: 0 },
      audioEncoder: audio?.encoder ?? null,
      frameEvidence: stage === 'header' ? 'header' : 'packets',
      durationSeconds,
      estimatedBytes: manifest.estimatedOutputBytes,
      predictedCpuSeconds: Math.round(cpuSeconds * 100) / 100,
    },
    fates: boundedFates(manifest.fates),
    warnings: manifest.warnings.map(clip),
    requires: { toolchainClass, encoders: audio === null ? [] : [audio.encoder] },
  };
}
