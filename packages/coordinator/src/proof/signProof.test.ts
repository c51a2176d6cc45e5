import { generateKeyPairSync } from 'node:crypto';
import { canonicalProof, SeamProof, seamProofFaults } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { isSignedAsSaid, keyFingerprint, signProof } from './signProof.ts';
import { exampleProof } from './testing/exampleProof.ts';

const newKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64') };
};
const key = newKey();
const signed = signProof(exampleProof(key.publicKey), key);

test('a certificate is valid whatever the order of its keys, and its signature repeats', () => {
  const shuffled = SeamProof.parse(JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(signed).reverse()))));
  expect(isSignedAsSaid(shuffled)).toBe(true);
  expect(signProof(exampleProof(key.publicKey), key)).toEqual(signed);
});

test.each([
  ['a hash', { ...signed, output: { ...signed.output, sha256: '1'.repeat(64) } }],
  [
    'a frame range',
    { ...signed, chunks: [{ ...signed.chunks[0], end: 49 }, signed.chunks[1]] as typeof signed.chunks },
  ],
  ['the key', { ...signed, coordinator: { ...signed.coordinator, publicKey: newKey().publicKey } }],
  ['the key by nonsense', { ...signed, coordinator: { ...signed.coordinator, publicKey: 'AAAA' } }],
  ['the signature', { ...signed, signature: { ...signed.signature, value: 'AAAA' } }],
])('changing %s breaks the signature', (_, changed) => {
  expect(isSignedAsSaid(changed)).toBe(false);
});

test('the signed bytes hold no signature, no white space and sorted keys', () => {
  const text = canonicalProof(signed);
  expect(text).not.toContain('signature');
  expect(text.startsWith('{"audio":')).toBe(true);
  expect(keyFingerprint(key.publicKey)).toMatch(/^[0-9a-f]{16}$/);
});

test('gaps, overlaps and missing frames are named', () => {
  expect(seamProofFaults(signed)).toEqual([]);
  const [first, second] = signed.chunks as [never, never];
  const withChunks = (...chunks: object[]) => seamProofFaults({ ...signed, chunks: chunks as typeof signed.chunks });
  expect(withChunks({ ...(first as object), end: 49 }, second)).toEqual(['chunk 1 begins at frame 50, not 49']);
  expect(withChunks(first)).toEqual(['the chunks end at frame 50 of 100']);
  expect(seamProofFaults({ ...signed, output: { ...signed.output, frames: 99 } })).toEqual([
    'the chunks end at frame 100 of 99',
    'the output holds 99 frames, the source 100',
  ]);
});
