import { basename } from 'node:path';
import { EncodeReport, type Manifest } from '@reelmill/media';
import { type Preset, productVersion, type SeamProof } from '@reelmill/protocol';
import type { PublishedOutput, TaskResult } from '@reelmill/scheduler';
import { onlyArtifact } from '../house/assembleTask.ts';
import type { JobRequest } from '../jobRecords.ts';

/** Result of a part with the attempt that won. */
export interface ProvenPart {
  readonly result: TaskResult;
  readonly attempt: number;
}

export interface ProofFacts {
  readonly coordinator: SeamProof['coordinator'];
  readonly jobId: string;
  readonly request: JobRequest;
  readonly preset: Preset;
  readonly manifest: Manifest;
  readonly sourceSha256: string;
  readonly encodes: readonly ProvenPart[];
  readonly audio: readonly ProvenPart[];
  readonly output: PublishedOutput;
  readonly checks: Pick<SeamProof['checks'], 'maxPtsErrorSeconds' | 'audioOffsetErrorSeconds'>;
  readonly createdAt: string;
}

/** The certificate of one output, still unsigned, from what the journal and the plan hold. Pure. */
export function makeProof(facts: ProofFacts): Omit<SeamProof, 'signature'> {
  const { manifest, request, output } = facts;
  const { video } = manifest;
  return {
    type: 'reelmill-seam-proof',
    version: 1,
    productVersion,
    createdAt: facts.createdAt,
    coordinator: facts.coordinator,
    job: {
      id: facts.jobId,
      preset: facts.preset,
      settings: request.settings,
      chunkSeconds: request.chunkSeconds,
      threads: request.threads,
    },
    source: {
      name: request.name,
      sizeBytes: manifest.source.sizeBytes,
      sha256: facts.sourceSha256,
      frames: manifest.sourceFrames ?? manifest.frames,
      frameEvidence: manifest.frameEvidence,
      timeBase: manifest.timeBase,
    },
    output: {
      name: basename(output.path),
      container: manifest.container,
      sizeBytes: output.sizeBytes,
      sha256: output.sha256,
      frames: output.frames,
      encoder: video.encoder,
      width: video.width,
      height: video.height,
      pixelFormat: video.pixelFormat,
    },
    plan: {
      version: manifest.plannerVersion,
      kind: manifest.plan,
      wholeReason: manifest.wholeReason,
      frameRateConverted: manifest.sourceFrames !== undefined,
      toolchainClass: manifest.toolchainClass,
    },
    chunks: manifest.chunks.map(({ index, first, end }) => {
      const part = facts.encodes[index] as ProvenPart;
      const { firstPts, lastPts } = EncodeReport.parse(part.result.report);
      return { index, first, end, firstPts, lastPts, ...partOf(part) };
    }),
    audio: facts.audio.map(partOf),
    checks: { depth: manifest.verify, seams: manifest.chunks.length - 1, ...facts.checks },
  };
}

function partOf({ result, attempt }: ProvenPart): SeamProof['audio'][number] {
  const { sha256, sizeBytes } = onlyArtifact(result.artifacts);
  return { sha256, sizeBytes, node: result.nodeName, attempt };
}
