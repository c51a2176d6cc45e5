import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits as lower-case hex: nonces, codes, session ids. */
export const randomSecret = (): string => randomBytes(32).toString('hex');

/** Compares without telling by its duration where two texts differ, nor how long the secret is. */
export function sameSecret(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** HMAC-SHA-256, hex. */
export const macOf = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('hex');
