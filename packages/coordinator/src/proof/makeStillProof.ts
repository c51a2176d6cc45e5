import { basename } from 'node:path';
import { imageName, imagesOf, isFolder, type StillManifest } from '@reelmill/media';
import { type Artifact, type JobId, productVersion, type StillPreset, type StillProof } from '@reelmill/protocol';
import type { PublishedOutput } from '@reelmill/scheduler';
import type { JobRequest } from '../jobRecords.ts';

export interface StillFacts {
  readonly coordinator: StillProof['coordinator'];
  readonly jobId: JobId;
  readonly request: JobRequest;
  readonly preset: StillPreset;
  readonly manifest: StillManifest;
  readonly sourceSha256: string;
  readonly parts: readonly { readonly node: string; readonly attempt: number; readonly artifact: Artifact }[];
  readonly output: PublishedOutput;
  readonly files: StillProof['files'];
  /** Of one picture: the frame that was chosen. */
  readonly chosenFrame: number | null;
  readonly createdAt: string;
}

/** The certificate of pictures, still unsigned, from what the journal and the plan hold. Pure. */
export function makeStillProof(facts: StillFacts): Omit<StillProof, 'signature'> {
  const { manifest, request, output, files } = facts;
  return {
    ...{ type: 'reelmill-still-proof', version: 1, productVersion, createdAt: facts.createdAt },
    coordinator: facts.coordinator,
    job: {
      ...{ id: facts.jobId, preset: facts.preset },
      ...{ settings: request.settings, chunkSeconds: request.chunkSeconds },
    },
    source: {
      ...{ name: request.name, sizeBytes: manifest.source.sizeBytes, sha256: facts.sourceSha256 },
      ...{ frames: manifest.sourceFrames, frameEvidence: manifest.frameEvidence, timeBase: manifest.timeBase },
    },
    output: {
      name: basename(output.path),
      kind: isFolder(manifest.output) ? 'folder' : 'file',
      ...{ sizeBytes: output.sizeBytes, sha256: output.sha256 },
    },
    plan: {
      ...{ version: manifest.plannerVersion, kind: manifest.plan },
      ...{ wholeReason: manifest.wholeReason, toolchainClass: manifest.toolchainClass },
    },
    files,
    frames: framesOf(facts),
    parts: facts.parts.map(({ node, attempt, artifact: { sha256, sizeBytes } }) => ({
      ...{ sha256, sizeBytes, node, attempt },
    })),
  };
}

function framesOf({ manifest, output, chosenFrame }: StillFacts): StillProof['frames'] {
  const { timeBase, firstPts } = manifest;
  const ptsSeconds = (pts: number) => Math.round(((pts - firstPts) * timeBase.num * 1e6) / timeBase.den) / 1e6;
  let images = 0;
  const all = manifest.passages.flatMap((passage) => {
    const before = images;
    images += imagesOf(manifest, passage);
    return passage.picks.map(({ frame, pts, atSeconds }, at) => ({
      ...{ frame, ptsSeconds: ptsSeconds(pts), atSeconds },
      file: fileOf(manifest, before, at) ?? basename(output.path),
    }));
  });
  return chosenFrame === null ? all : all.filter(({ frame }) => frame === chosenFrame);
}

/** Name of the file in a folder that shows a frame; null where the output is one file. */
function fileOf({ output }: StillManifest, imagesBefore: number, at: number): string | null {
  if (output.form === 'frames') return imageName(output, imagesBefore + at + 1);
  if (output.form !== 'sheets') return null;
  return imageName(output, imagesBefore + Math.floor(at / (output.columns * output.rows)) + 1);
}
