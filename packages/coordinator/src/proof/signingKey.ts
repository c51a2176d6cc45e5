import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Ed25519 key that signs the certificates of a coordinator. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  /** SubjectPublicKeyInfo (RFC 8410), DER, base64. */
  readonly publicKey: string;
}

/** Reads the key, or makes it: PKCS #8 PEM, readable by its user only. Two processes that start at once share one. */
export async function loadSigningKey(path: string): Promise<SigningKey> {
  const known = await readKey(path);
  if (known !== null) return known;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeFile(temporary, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  try {
    await link(temporary, path);
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'EEXIST') throw cause;
  } finally {
    await rm(temporary, { force: true });
  }
  return (await readKey(path)) ?? described(privateKey);
}

/** The key of that file, or null where there is none. */
export async function readKey(path: string): Promise<SigningKey | null> {
  try {
    return described(createPrivateKey(await readFile(path)));
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ENOENT') return null;
    throw cause;
  }
}

const described = (privateKey: KeyObject): SigningKey => ({
  privateKey,
  publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64'),
});
