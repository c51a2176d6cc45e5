import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { toS3Error } from './s3Errors.ts';

/** As the client builds it: every element of the server's answer becomes a property. */
const s3Error = (properties: Record<string, unknown>): Error =>
  Object.assign(new Error('as told by the server'), { name: 'S3Error', ...properties });

test('what AWS repeats of a refused request never reaches a log', () => {
  const told = {
    code: 'SignatureDoesNotMatch',
    awsaccesskeyid: 'AKIAIOSFODNN7EXAMPLE',
    stringtosign: 'AWS4-HMAC-SHA256 …',
    signatureprovided: 'aeeed9bb',
  };
  const error = toS3Error(s3Error(told), 'videos/x');
  expect(error).toMatchObject({ code: 'STORAGE_REFUSED', details: { storeCode: 'SignatureDoesNotMatch' } });
  const shown = inspect(error, { depth: 10, showHidden: true });
  for (const secret of [told.awsaccesskeyid, told.stringtosign, told.signatureprovided]) {
    expect(shown).not.toContain(secret);
  }
});

test.each([
  ['NoSuchKey', 'NOT_FOUND'],
  ['NotFound', 'NOT_FOUND'],
  ['AccessDenied', 'STORAGE_REFUSED'],
  ['NoSuchBucket', 'STORAGE_REFUSED'],
  ['RequestTimeTooSkewed', 'STORAGE_REFUSED'],
  ['SlowDown', 'STORAGE_UNREACHABLE'],
  ['InternalError', 'STORAGE_UNREACHABLE'],
  ['XMinioStorageFull', 'DISK_FULL'],
])('S3 code %s is %s', (storeCode, code) => {
  expect(toS3Error(s3Error({ code: storeCode }), 'videos/x')).toMatchObject({ code });
});

test('a status that the client would have retried is STORAGE_UNREACHABLE', () => {
  const thrown = new Error('Request failed after 0 retries: Error: Retryable HTTP status: 502');
  expect(toS3Error(thrown, 'videos/x')).toMatchObject({ code: 'STORAGE_UNREACHABLE' });
});
