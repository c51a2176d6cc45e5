import { FarmError } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { openSource, sealSource } from './sealedSource.ts';
import { signClaims, verifyClaims } from './signedUrls.ts';

const secret = Buffer.alloc(32, 7);
const otherSecret = Buffer.alloc(32, 8);
const sha256 = 'a'.repeat(64);
const put = { method: 'PUT', key: 'videos/x', expiresAtSeconds: 1000, sizeBytes: 5, sha256 } as const;
const get = { method: 'GET', key: 'videos/x', expiresAtSeconds: 1000 } as const;
const query = (claims: typeof put | typeof get): URLSearchParams => new URLSearchParams(signClaims(secret, claims));

test('claims come back as they were signed, until the second they expire', () => {
  expect(verifyClaims(secret, { ...put, query: query(put) }, 999)).toEqual(put);
  expect(verifyClaims(secret, { ...get, query: query(get) }, 999)).toEqual(get);
  expect(() => verifyClaims(secret, { ...get, query: query(get) }, 1000)).toThrow(/expired/);
});

test.each([
  ['expires', '1001'],
  ['expires', '1000.0'],
  ['expires', '99999999999999999999'],
  ['size', '6'],
  ['sha256', 'b'.repeat(64)],
  ['sha256', 'A'.repeat(64)],
  ['signature', ''],
  ['signature', '00'],
  ['signature', 'zz'.repeat(32)],
  ['signature', '0'.repeat(64)],
])('%s = %j opens nothing', (name, value) => {
  const changed = query(put);
  changed.set(name, value);
  expect(() => verifyClaims(secret, { ...put, query: changed }, 0)).toThrow(FarmError);
});

test('a signature holds for one method, one key and one secret', () => {
  expect(() => verifyClaims(secret, { method: 'GET', key: put.key, query: query(put) }, 0)).toThrow(/wrong signature/);
  expect(() => verifyClaims(secret, { method: 'PUT', key: get.key, query: query(get) }, 0)).toThrow(/not signed/);
  expect(() => verifyClaims(secret, { ...get, key: 'videos/y', query: query(get) }, 0)).toThrow(/wrong signature/);
  expect(() => verifyClaims(otherSecret, { ...get, query: query(get) }, 0)).toThrow(/wrong signature/);
});

const identity = { path: '/home/someone/film.mov', sizeBytes: 5, mtimeNs: '1', inode: '2' };

test('a sealed source opens with its secret only, until it expires, and hides its path', () => {
  const token = sealSource(secret, { identity, expiresAtSeconds: 1000 });
  expect(openSource(secret, token, 999).identity).toEqual(identity);
  expect(() => openSource(secret, token, 1000)).toThrow(/expired/);
  expect(() => openSource(otherSecret, token, 0)).toThrow(/wrong signature/);
  expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain('film');
  expect(sealSource(secret, { identity, expiresAtSeconds: 1000 })).not.toBe(token);
});

test('a sealed source with any bit changed opens nothing', () => {
  const bytes = Buffer.from(sealSource(secret, { identity, expiresAtSeconds: 1000 }), 'base64url');
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => openSource(secret, changed.toString('base64url'), 0)).toThrow(FarmError);
  }
  for (const token of ['', 'x', 'AAAA', 'A'.repeat(200)]) expect(() => openSource(secret, token, 0)).toThrow(FarmError);
});
