import { z } from 'zod';
import { Preset } from './preset.ts';
import { CertifiedPart, CertifiedSource, proofHead, Sha256Hex } from './proofParts.ts';

const frameNumber = z.number().int().nonnegative();

/**
 * The certificate of one output: every source frame was encoded exactly once and in order, by whom, and what was
 * checked. Frame ranges are half-open, in presentation order (of the output, where the frame rate is converted); times are ticks of the source's time base unless named
 * otherwise. The signature covers `canonicalProof`.
 */
export const SeamProof = z.object({
  type: z.literal('reelmill-seam-proof'),
  ...proofHead,
  job: z.object({
    id: z.string(),
    preset: Preset,
    /** All presets of a job of several renditions, in its order: they are cut alike, so a new plan needs them. */
    ladder: z.array(Preset).optional(),
    /** Length of the segments of the job's package: chunks begin where segments do. */
    segmentSeconds: z.number().positive().optional(),
    settings: z.record(z.string(), z.string()),
    chunkSeconds: z.number().positive().nullable(),
    threads: z.number().int().positive().nullable(),
  }),
  source: CertifiedSource,
  output: z.object({
    name: z.string(),
    container: z.string(),
    sizeBytes: z.number().int().nonnegative(),
    sha256: Sha256Hex,
    frames: frameNumber,
    encoder: z.string(),
    /** null, with 0 frames and no chunks: the output is sound alone. */
    width: z.number().int().positive().nullable(),
    height: z.number().int().positive().nullable(),
    pixelFormat: z.string().nullable(),
  }),
  plan: z.object({
    version: z.number().int(),
    kind: z.enum(['chunked', 'whole']),
    wholeReason: z.string().nullable(),
    /** Then output frames are no source frames: such films go whole, and ranges count the output's. */
    frameRateConverted: z.boolean(),
    toolchainClass: z.string(),
  }),
  chunks: z.array(
    CertifiedPart.extend({
      index: z.number().int().nonnegative(),
      first: frameNumber,
      end: frameNumber,
      firstPts: z.number().int(),
      lastPts: z.number().int(),
    }),
  ),
  audio: z.array(CertifiedPart),
  checks: z.object({
    depth: z.enum(['seams', 'full']),
    seams: z.number().int().nonnegative(),
    maxPtsErrorSeconds: z.number(),
    audioOffsetErrorSeconds: z.number().nullable(),
  }),
  signature: z.object({ algorithm: z.literal('Ed25519'), value: z.string() }),
});
export type SeamProof = z.infer<typeof SeamProof>;

/** What of a certificate contradicts itself, as sentences: gaps or overlaps between chunks, counts that differ. */
export function seamProofFaults(proof: SeamProof): string[] {
  const faults: string[] = [];
  if (proof.chunks.length === 0 && proof.audio.length === 0) faults.push('it holds neither chunks nor sound');
  if ((proof.chunks.length === 0) !== (proof.output.width === null)) faults.push('chunks and picture contradict');
  let next = 0;
  for (const [position, { index, first, end }] of proof.chunks.entries()) {
    if (index !== position) faults.push(`chunk ${index} stands at place ${position}`);
    if (first !== next) faults.push(`chunk ${index} begins at frame ${first}, not ${next}`);
    if (end <= first) faults.push(`chunk ${index} holds no frame`);
    next = end;
  }
  if (next !== proof.output.frames) faults.push(`the chunks end at frame ${next} of ${proof.output.frames}`);
  if (proof.output.frames !== proof.source.frames && !proof.plan.frameRateConverted) {
    faults.push(`the output holds ${proof.output.frames} frames, the source ${proof.source.frames}`);
  }
  return faults;
}

/** JSON Schema (2020-12) of the certificate, published in docs/schemas. */
export const seamProofJsonSchema = (): object => z.toJSONSchema(SeamProof);
