import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { FarmError, SourceIdentity } from '@reelmill/protocol';
import { z } from 'zod';

const SourceClaims = z.object({ identity: SourceIdentity, expiresAtSeconds: z.number().int() });
export type SourceClaims = z.infer<typeof SourceClaims>;

const nonceBytes = 12;
const tagBytes = 16;

/**
 * A token that lets its holder read one original file, sealed (AES-256-GCM): an agent learns neither the path nor can
 * it make a token for another one, and it outlives a restart of the coordinator.
 */
export function sealSource(secret: Uint8Array, claims: SourceClaims): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret), nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(claims), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @throws FarmError STORAGE_REFUSED for a forged, damaged or expired token */
export function openSource(secret: Uint8Array, token: string, nowSeconds: number): SourceClaims {
  const bytes = Buffer.from(token, 'base64url');
  // decoding ignores what is too short for a byte: one token is one text
  if (bytes.toString('base64url') !== token) throw refused('carries a wrong signature');
  const claims = unseal(secret, bytes);
  if (nowSeconds >= claims.expiresAtSeconds) throw refused('has expired');
  return claims;
}

function unseal(secret: Uint8Array, bytes: Buffer): SourceClaims {
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    const opened = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
    return SourceClaims.parse(JSON.parse(opened.toString('utf8')));
  } catch (cause) {
    throw refused('carries a wrong signature', cause);
  }
}

const keyOf = (secret: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, new Uint8Array(0), 'reelmill-source-url-1', 32));

const refused = (why: string, cause?: unknown): FarmError =>
  new FarmError('STORAGE_REFUSED', { message: `The object store refused the request: its URL ${why}.`, cause });
