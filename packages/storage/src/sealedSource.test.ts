import { SourceIdentity } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { openSource, sealSource } from './sealedSource.ts';

const secret = new Uint8Array(32).fill(7);
const claimsFor = (name: string) => ({
  identity: SourceIdentity.parse({ path: `/films/${name}.mov`, sizeBytes: 1, mtimeNs: '1', inode: '1' }),
  expiresAtSeconds: 100,
});

// of three lengths in a row one leaves room in its last character
test.each(['a', 'ab', 'abc', 'abcd'])('a token opens as it was made, and no other text does: %s', (name) => {
  const token = sealSource(secret, claimsFor(name));
  expect(openSource(secret, token, 99)).toEqual(claimsFor(name));
  for (const other of [`${token}x`, `${token}=`, `${token} `, token.slice(0, -1), `x${token.slice(1)}`]) {
    if (other !== token) expect(() => openSource(secret, other, 99)).toThrow('carries a wrong signature');
  }
});

test('a token ends at its time', () => {
  expect(() => openSource(secret, sealSource(secret, claimsFor('a')), 100)).toThrow('has expired');
});
