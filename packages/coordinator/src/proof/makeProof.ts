import { basename } from 'node:path';
import type { EncodeReport, Manifest } from '@reelmill/media';
import { type Artifact, BugError, type Preset, productVersion, type SeamProof } from '@reelmill/protocol';
import type { PublishedOutput, TaskResult } from '@reelmill/scheduler';
import type { JobRequest } from '../jobRecords.ts';

/** A part with the attempt that won. */
interface ProvenPart {
  readonly result: Pick<TaskResult, 'nodeName'>;
  readonly attempt: number;
  readonly artifact: Artifact;
}

export interface ProofFacts {
  readonly coordinator: SeamProof['coordinator'];
  readonly jobId: string;
  readonly request: JobRequest;
  readonly preset: Preset;
  /** All presets of the job: its renditions are cut alike. */
  readonly ladder: readonly Preset[];
  readonly manifest: Manifest;
  readonly sourceSha256: string;
  readonly encodes: readonly (ProvenPart & { readonly report: EncodeReport })[];
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
      ...(facts.ladder.length > 1 && { ladder: [...facts.ladder] }),
      ...(request.package && { segmentSeconds: request.package.segmentSeconds }),
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
      encoder: video?.encoder ?? manifest.audio?.encoder ?? '',
      width: video?.width ?? null,
      height: video?.height ?? null,
      pixelFormat: video?.pixelFormat ?? null,
    },
    plan: {
      version: manifest.plannerVersion,
      kind: manifest.plan,
      wholeReason: manifest.wholeReason,
      frameRateConverted: manifest.sourceFrames !== undefined,
      toolchainClass: manifest.toolchainClass,
    },
    chunks: manifest.chunks.map(({ index, first, end }) => {
      const part = facts.encodes[index];
      if (part === undefined) throw new BugError(`chunk ${index} was not encoded`);
      const { firstPts, lastPts } = part.report;
      return { index, first, end, firstPts, lastPts, ...partOf(part) };
    }),
    audio: facts.audio.map(partOf),
    checks: { depth: manifest.verify, seams: Math.max(0, manifest.chunks.length - 1), ...facts.checks },
  };
}

function partOf({ result, attempt, artifact }: ProvenPart): SeamProof['audio'][number] {
  const { sha256, sizeBytes } = artifact;
  return { sha256, sizeBytes, node: result.nodeName, attempt };
}
