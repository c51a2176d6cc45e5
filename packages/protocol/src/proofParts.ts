import { z } from 'zod';

/** A certificate stands next to its output under the output's name and this ending. */
export const seamProofSuffix = '.proof.json';

export const Sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

/** What every certificate begins with. */
export const proofHead = {
  version: z.literal(1),
  productVersion: z.string(),
  createdAt: z.string(),
  coordinator: z.object({ id: z.string(), publicKey: z.string() }),
};

/** Who made a part of the output, and what it was. */
export const CertifiedPart = z.object({
  sha256: Sha256Hex,
  sizeBytes: z.number().int().nonnegative(),
  node: z.string(),
  attempt: z.number().int().positive(),
});

export const CertifiedSource = z.object({
  name: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  sha256: Sha256Hex,
  frames: z.number().int().nonnegative(),
  frameEvidence: z.enum(['packets', 'decoded']),
  timeBase: z.object({ num: z.number().int(), den: z.number().int().positive() }),
});

/** The bytes a signature is over: everything but the signature, keys sorted, no white space. */
export function canonicalProof(proof: object): string {
  const { signature: _, ...signed } = proof as { readonly signature?: unknown };
  return canonicalJson(signed);
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  const members = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}
