import { createHash, createHmac } from 'node:crypto';

/** Who signs, for which region; the service is always S3. */
export interface SigV4Signer {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

export interface SigV4Request {
  readonly method: string;
  /** Path, not yet encoded. */
  readonly path: string;
  /** Query parameters, not yet encoded. */
  readonly query: Record<string, string>;
  /** All of them are signed; names in lower case, `host` among them. */
  readonly headers: Record<string, string>;
  /** SHA-256 of the body in hex, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
}

/**
 * Signature of a request, AWS Signature Version 4 for S3 (single chunk).
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function signatureV4(signer: SigV4Signer, request: SigV4Request, at: Date): string {
  const canonical = [
    request.method,
    request.path.split('/').map(encode).join('/'),
    encodeQuery(request.query),
    ...Object.entries(request.headers)
      .sort(byName)
      .map(([name, value]) => `${name}:${value.trim()}`),
    '',
    signedHeaderNames(request.headers),
    request.payloadHash,
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', timestampOf(at), scopeOf(signer, at), sha256(canonical)].join('\n');
  return hmac(signingKey(signer, at), toSign).toString('hex');
}

export interface Presigning {
  readonly method: 'GET' | 'PUT' | 'POST';
  /** Scheme and host, e.g. `http://127.0.0.1:9000`; the default port of the scheme left out. */
  readonly origin: string;
  readonly path: string;
  readonly query?: Record<string, string>;
  /** Headers besides `host` that the sender must send exactly so; names in lower case. */
  readonly headers?: Record<string, string>;
  /** Time of signing and validity from then on, at most seven days. */
  readonly at: Date;
  readonly ttlSeconds: number;
}

/**
 * A URL that allows one request. A header `x-amz-content-sha256` binds the body: the store hashes what arrives.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function presignV4(signer: SigV4Signer, presigning: Presigning): string {
  const { method, origin, path, at, ttlSeconds } = presigning;
  const headers = { ...presigning.headers, host: new URL(origin).host };
  const query = {
    ...presigning.query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${signer.accessKey}/${scopeOf(signer, at)}`,
    'X-Amz-Date': timestampOf(at),
    'X-Amz-Expires': String(ttlSeconds),
    'X-Amz-SignedHeaders': signedHeaderNames(headers),
  };
  const payloadHash = presigning.headers?.['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
  const signature = signatureV4(signer, { method, path, query, headers, payloadHash }, at);
  return `${origin}${path.split('/').map(encode).join('/')}?${encodeQuery(query)}&X-Amz-Signature=${signature}`;
}

type Entry = [name: string, value: string];
const byName = ([a]: Entry, [b]: Entry): number => (a < b ? -1 : a > b ? 1 : 0);

/** RFC 3986: everything but letters, digits, `-`, `.`, `_`, `~`. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const encodeQuery = (query: Record<string, string>): string =>
  Object.entries(query)
    .map(([name, value]): Entry => [encode(name), encode(value)])
    .sort(byName)
    .map((pair) => pair.join('='))
    .join('&');

const signedHeaderNames = (headers: Record<string, string>): string => Object.keys(headers).sort().join(';');
const timestampOf = (at: Date): string => at.toISOString().replace(/[-:]|\.\d{3}/g, '');
const dayOf = (at: Date): string => timestampOf(at).slice(0, 8);
const scopeOf = ({ region }: SigV4Signer, at: Date): string => `${dayOf(at)}/${region}/s3/aws4_request`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const signingKey = ({ secretKey, region }: SigV4Signer, at: Date): Buffer =>
  [region, 's3', 'aws4_request'].reduce((key, text) => hmac(key, text), hmac(`AWS4${secretKey}`, dayOf(at)));
