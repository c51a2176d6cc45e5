import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  FarmError,
  SeamProof,
  StillProof,
  seamProofFaults,
  seamProofSuffix,
  stillProofFaults,
} from '@reelmill/protocol';
import { hashFile } from '../house/hashFile.ts';
import { folderFiles } from '../house/publishFolder.ts';
import { isSignedAsSaid, type Proof } from './signProof.ts';

/**
 * Reads the certificate of an output and checks it in itself: shape, signature, chunks without gap or overlap, frames
 * in order.
 * @throws FarmError SOURCE_NOT_FOUND without the output, PROOF_MISSING, PROOF_INVALID
 */
export async function readProof(outputPath: string): Promise<Proof> {
  const found = await stat(outputPath).catch(() => null); // absence is the question asked
  if (!found?.isFile() && !found?.isDirectory()) {
    throw new FarmError('SOURCE_NOT_FOUND', { message: `${outputPath} does not exist.` });
  }
  const path = `${outputPath}${seamProofSuffix}`;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new FarmError('PROOF_MISSING', { message: `There is no certificate at ${path}.`, cause });
  });
  const { proof, signed } = parseProof(text, path);
  const faults = isSignedAsSaid(signed) ? faultsOf(proof) : ['its content is not what its signature covers'];
  if (faults.length === 0) return proof;
  throw new FarmError('PROOF_INVALID', { message: `${path}: ${faults.join('; ')}.`, details: { path, faults } });
}

const faultsOf = (proof: Proof): string[] =>
  proof.type === 'reelmill-seam-proof' ? seamProofFaults(proof) : stillProofFaults(proof);

/** `signed` is what stands in the file: what a newer version knows by default was not under the signature. */
function parseProof(text: string, path: string): { proof: Proof; signed: Proof } {
  try {
    const signed = JSON.parse(text);
    return { proof: (signed?.type === 'reelmill-still-proof' ? StillProof : SeamProof).parse(signed), signed };
  } catch (cause) {
    throw new FarmError('PROOF_INVALID', { message: `${path} is not a certificate.`, cause, details: { path } });
  }
}

interface CheckOptions {
  readonly signal: AbortSignal;
  readonly onBytes?: (done: number) => void;
}

/** Hashes the output, of a folder every file, and compares. @throws FarmError PROOF_MISMATCH */
export async function checkOutputBytes(outputPath: string, proof: Proof, options: CheckOptions): Promise<void> {
  if (proof.type === 'reelmill-still-proof') return checkPictures(outputPath, proof, options);
  const { sha256, sizeBytes } = await hashFile(outputPath, options);
  if (sha256 === proof.output.sha256) return;
  throw new FarmError('PROOF_MISMATCH', {
    message: `${outputPath} is not the file that was rendered: its bytes differ.`,
    details: { expected: proof.output.sha256, found: sha256, expectedBytes: proof.output.sizeBytes, sizeBytes },
  });
}

/** A message stays readable. */
const mostNamed = 5;

async function checkPictures(outputPath: string, { files, output }: StillProof, options: CheckOptions): Promise<void> {
  const found =
    output.kind === 'folder'
      ? await folderFiles(outputPath, options.signal)
      : [{ name: files[0]?.name ?? basename(outputPath), ...(await hashFile(outputPath, options)) }];
  const hashes = new Map(found.map(({ name, sha256 }) => [name, sha256]));
  const known = new Set(files.map(({ name }) => name));
  const wrong = [
    ...files.flatMap(({ name, sha256 }) => {
      const hash = hashes.get(name);
      return hash === sha256 ? [] : [`${name} ${hash === undefined ? 'is missing' : 'has other bytes'}`];
    }),
    ...found.flatMap(({ name }) => (known.has(name) ? [] : [`${name} was not rendered`])),
  ];
  if (wrong.length === 0) return;
  const more = wrong.length > mostNamed ? ` and ${wrong.length - mostNamed} more` : '';
  throw new FarmError('PROOF_MISMATCH', {
    message: `${outputPath} is not what was rendered: ${wrong.slice(0, mostNamed).join(', ')}${more}.`,
    details: { wrong: wrong.slice(0, 100) },
  });
}
