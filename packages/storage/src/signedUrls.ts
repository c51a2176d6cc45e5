import { createHmac, timingSafeEqual } from 'node:crypto';
import { FarmError, type Sha256 } from '@reelmill/protocol';

/** What a signed URL of the embedded store allows, and nothing else. */
export type UrlClaims =
  | { readonly method: 'GET'; readonly key: string; readonly expiresAtSeconds: number }
  | {
      readonly method: 'PUT';
      readonly key: string;
      readonly expiresAtSeconds: number;
      readonly sizeBytes: number;
      readonly sha256: Sha256;
    };

/** The query string, without `?`, that opens the door for exactly these claims. */
export function signClaims(secret: Uint8Array, claims: UrlClaims): string {
  const query = new URLSearchParams({ expires: String(claims.expiresAtSeconds) });
  if (claims.method === 'PUT') {
    query.set('size', String(claims.sizeBytes));
    query.set('sha256', claims.sha256);
  }
  query.set('signature', signatureOf(secret, claims).toString('hex'));
  return query.toString();
}

/**
 * The claims of a request, once its signature and expiry are proven.
 * @throws FarmError STORAGE_REFUSED
 */
export function verifyClaims(
  secret: Uint8Array,
  request: { method: 'GET' | 'PUT'; key: string; query: URLSearchParams },
  nowSeconds: number,
): UrlClaims {
  const claims = claimsOf(request);
  const signature = request.query.get('signature') ?? '';
  if (claims === null || !/^[0-9a-f]{64}$/.test(signature)) throw refused('is not signed');
  if (!timingSafeEqual(Buffer.from(signature, 'hex'), signatureOf(secret, claims))) {
    throw refused('carries a wrong signature');
  }
  if (nowSeconds >= claims.expiresAtSeconds) throw refused('has expired');
  return claims;
}

function claimsOf({ method, key, query }: Parameters<typeof verifyClaims>[1]): UrlClaims | null {
  const expires = query.get('expires') ?? '';
  if (!/^\d{1,12}$/.test(expires)) return null;
  const expiresAtSeconds = Number(expires);
  if (method === 'GET') return { method, key, expiresAtSeconds };
  const size = query.get('size') ?? '';
  const sha256 = query.get('sha256') ?? '';
  if (!/^\d{1,15}$/.test(size) || !/^[0-9a-f]{64}$/.test(sha256)) return null;
  return { method, key, expiresAtSeconds, sizeBytes: Number(size), sha256 };
}

function signatureOf(secret: Uint8Array, claims: UrlClaims): Buffer {
  const bound = claims.method === 'PUT' ? [claims.sizeBytes, claims.sha256] : [];
  const text = JSON.stringify(['reelmill-object-1', claims.method, claims.key, claims.expiresAtSeconds, ...bound]);
  return createHmac('sha256', secret).update(text).digest();
}

const refused = (why: string): FarmError =>
  new FarmError('STORAGE_REFUSED', { message: `The object store refused the request: its URL ${why}.` });
