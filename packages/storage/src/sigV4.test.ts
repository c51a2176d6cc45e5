import { expect, test } from 'vitest';
import { presignV4, signatureV4 } from './sigV4.ts';

/** The examples AWS publishes with the specification: same keys, same bucket, same second. */
const signer = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const at = new Date('2013-05-24T00:00:00Z');
const host = 'examplebucket.s3.amazonaws.com';
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const common = { host, 'x-amz-date': '20130524T000000Z', 'x-amz-content-sha256': emptyHash };

test("AWS's example of a presigned URL", () => {
  const url = presignV4(signer, {
    method: 'GET',
    origin: `https://${host}`,
    path: '/test.txt',
    at,
    ttlSeconds: 86_400,
  });
  expect(url).toBe(
    'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256' +
      '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
      '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
      '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  );
});

test("AWS's example of a GET with a signed Range header", () => {
  const headers = { ...common, range: 'bytes=0-9' };
  const request = { method: 'GET', path: '/test.txt', query: {}, headers, payloadHash: emptyHash };
  expect(signatureV4(signer, request, at)).toBe('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
});

test("AWS's example of a PUT whose body hash and further headers are signed", () => {
  const payloadHash = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072';
  const headers = {
    ...common,
    date: 'Fri, 24 May 2013 00:00:00 GMT',
    'x-amz-content-sha256': payloadHash,
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
  };
  const request = { method: 'PUT', path: '/test$file.text', query: {}, headers, payloadHash };
  expect(signatureV4(signer, request, at)).toBe('98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd');
});

test.each([
  [{ lifecycle: '' }, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  [{ 'max-keys': '2', prefix: 'J' }, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
])("AWS's example of a GET with the query %j", (query, signature) => {
  const request = { method: 'GET', path: '/', query, headers: common, payloadHash: emptyHash };
  expect(signatureV4(signer, request, at)).toBe(signature);
});

test('a signed header and the body hash are part of the signature', () => {
  const base = { method: 'PUT' as const, origin: 'http://127.0.0.1:9000', path: '/videos/key', at, ttlSeconds: 60 };
  const urlOf = (headers: Record<string, string>): string => presignV4(signer, { ...base, headers });
  const url = urlOf({ 'content-length': '5', 'x-amz-content-sha256': emptyHash });
  expect(url).toContain('X-Amz-SignedHeaders=content-length%3Bhost%3Bx-amz-content-sha256&');
  expect(urlOf({ 'content-length': '6', 'x-amz-content-sha256': emptyHash })).not.toBe(url);
  expect(urlOf({ 'content-length': '5', 'x-amz-content-sha256': '0'.repeat(64) })).not.toBe(url);
});
