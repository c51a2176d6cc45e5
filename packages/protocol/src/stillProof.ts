import { z } from 'zod';
import { CertifiedPart, CertifiedSource, proofHead, Sha256Hex } from './proofParts.ts';
import { StillPreset } from './stillPreset.ts';

const CertifiedFile = z.object({ name: z.string(), sizeBytes: z.number().int().nonnegative(), sha256: Sha256Hex });

/**
 * The certificate of an output that is pictures: which frames of the source they show, the hash of every file, and who
 * made them. The signature covers `canonicalProof`.
 */
export const StillProof = z.object({
  type: z.literal('reelmill-still-proof'),
  ...proofHead,
  job: z.object({
    id: z.string(),
    preset: StillPreset,
    settings: z.record(z.string(), z.string()),
    chunkSeconds: z.number().positive().nullable(),
  }),
  source: CertifiedSource,
  output: z.object({
    name: z.string(),
    kind: z.enum(['file', 'folder']),
    sizeBytes: z.number().int().nonnegative(),
    /** Of a folder: SHA-256 of the lines `{sha256}  {name}` of its files in order of their names. */
    sha256: Sha256Hex,
  }),
  plan: z.object({
    version: z.number().int(),
    kind: z.enum(['chunked', 'whole']),
    wholeReason: z.string().nullable(),
    toolchainClass: z.string(),
  }),
  /** Every file of a folder, its index included; the one file else. */
  files: z.array(CertifiedFile).min(1),
  /** The frames shown, in order of time. */
  frames: z
    .array(
      z.object({
        /** Number in the source, from 0. */
        frame: z.number().int().nonnegative(),
        /** Since the first frame of the film. */
        ptsSeconds: z.number(),
        /** The instant that was asked for, likewise. */
        atSeconds: z.number().nonnegative(),
        file: z.string(),
      }),
    )
    .min(1),
  parts: z.array(CertifiedPart).min(1),
  signature: z.object({ algorithm: z.literal('Ed25519'), value: z.string() }),
});
export type StillProof = z.infer<typeof StillProof>;

/** What of a certificate of pictures contradicts itself, as sentences. */
export function stillProofFaults({ files, frames, output }: StillProof): string[] {
  const names = new Set(files.map(({ name }) => name));
  const strangers = frames.filter(({ file }) => !names.has(file));
  const isUnordered = frames.some(({ frame }, at) => frame < (frames[at - 1]?.frame ?? 0));
  return [
    ...(names.size === files.length ? [] : ['a file is named twice']),
    ...(strangers.length === 0 ? [] : [`${strangers[0]?.file} is no file of the output`]),
    ...(isUnordered ? ['the frames are not in order'] : []),
    ...(output.kind === 'folder' || files.length === 1 ? [] : ['one file is said to be several']),
  ];
}

/** JSON Schema (2020-12) of the certificate, published in docs/schemas. */
export const stillProofJsonSchema = (): object => z.toJSONSchema(StillProof);
