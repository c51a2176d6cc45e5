import {
  FarmError,
  type JobId,
  type JobQuality,
  type OutputQuality,
  seamProofSuffix,
  toFarmError,
} from '@reelmill/protocol';
import type { PublishedOutput } from '@reelmill/scheduler';
import type { CoreContext } from '../coreContext.ts';
import { readProof } from '../proof/checkProof.ts';
import type { Proof } from '../proof/signProof.ts';

/** What the certificates of a job's outputs prove. */
export interface QualityDesk {
  /** Reads each certificate and checks it in itself; the outputs are not read. @throws FarmError NOT_FOUND */
  quality(jobId: JobId): Promise<JobQuality>;
}

/** Makes the desk of one coordinator. */
export function createQualityDesk({ dispatcher }: Pick<CoreContext, 'dispatcher'>): QualityDesk {
  return {
    async quality(jobId) {
      const job = dispatcher.state().jobs.get(jobId);
      if (job === undefined) throw new FarmError('NOT_FOUND', { message: `There is no job ${jobId}.` });
      const published = job.outputs.filter(({ state }) => state === 'published');
      return { jobId, outputs: await Promise.all(published.map(qualityOf)) };
    },
  };
}

async function qualityOf({ rendition, path }: PublishedOutput): Promise<OutputQuality> {
  try {
    return { rendition, path, proof: summaryOf(path, await readProof(path)), error: null };
  } catch (thrown) {
    return { rendition, path, proof: null, error: toFarmError(thrown).toData() };
  }
}

function summaryOf(path: string, proof: Proof): NonNullable<OutputQuality['proof']> {
  const head = {
    path: `${path}${seamProofSuffix}`,
    createdAt: proof.createdAt,
    publicKey: proof.coordinator.publicKey,
    sourceFrames: proof.source.frames,
  };
  if (proof.type === 'reelmill-still-proof') {
    const { parts } = proof;
    const nodes = [...new Set(parts.map(({ node }) => node))].sort();
    const none = {
      frames: proof.frames.length,
      seams: 0,
      soundTracks: 0,
      maxPtsErrorSeconds: null,
      audioOffsetErrorSeconds: null,
    };
    return { ...head, ...none, depth: 'full', chunks: parts.length, nodes, sha256: proof.output.sha256 };
  }
  const { depth, seams, maxPtsErrorSeconds, audioOffsetErrorSeconds } = proof.checks;
  const nodes = [...new Set([...proof.chunks, ...proof.audio].map(({ node }) => node))].sort();
  const made = {
    frames: proof.output.frames,
    chunks: proof.chunks.length,
    soundTracks: proof.audio.length,
    nodes,
    sha256: proof.output.sha256,
  };
  return { ...head, ...made, depth, seams, maxPtsErrorSeconds, audioOffsetErrorSeconds };
}
