import { createHash, createPublicKey, sign, verify } from 'node:crypto';
import { canonicalProof, type SeamProof, type StillProof } from '@reelmill/protocol';
import type { SigningKey } from './signingKey.ts';

/** A certificate of a film, of sound alone, or of pictures. */
export type Proof = SeamProof | StillProof;

/** Adds the signature (Ed25519, RFC 8032: the same content gives the same signature). */
export function signProof<Content extends Pick<Proof, 'coordinator'>>(
  content: Content,
  key: SigningKey,
): Content & Pick<Proof, 'signature'> {
  const value = sign(null, Buffer.from(canonicalProof(content)), key.privateKey).toString('base64');
  return { ...content, signature: { algorithm: 'Ed25519', value } };
}

/** Whether the certificate is as the key it names signed it. Whose key that is, `keyFingerprint` tells. */
export function isSignedAsSaid(proof: Pick<Proof, 'coordinator' | 'signature'>): boolean {
  try {
    const key = createPublicKey({
      key: Buffer.from(proof.coordinator.publicKey, 'base64'),
      type: 'spki',
      format: 'der',
    });
    if (key.asymmetricKeyType !== 'ed25519') return false;
    return verify(null, Buffer.from(canonicalProof(proof)), key, Buffer.from(proof.signature.value, 'base64'));
  } catch {
    // Not a key at all: then nothing is signed.
    return false;
  }
}

/** Short name of a public key for people: the first 16 hex digits of its SHA-256. */
export const keyFingerprint = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, 16);
