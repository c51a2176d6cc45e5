import { readFile, stat } from 'node:fs/promises';
import { FarmError, SeamProof, seamProofFaults, seamProofSuffix } from '@reelmill/protocol';
import { hashFile } from '../house/hashFile.ts';
import { isSignedAsSaid } from './signProof.ts';

/**
 * Reads the certificate of an output and checks it in itself: shape, signature, chunks without gap or overlap.
 * @throws FarmError SOURCE_NOT_FOUND without the output, PROOF_MISSING, PROOF_INVALID
 */
export async function readProof(outputPath: string): Promise<SeamProof> {
  const found = await stat(outputPath).catch(() => null); // absence is the question asked
  if (!found?.isFile()) throw new FarmError('SOURCE_NOT_FOUND', { message: `${outputPath} does not exist.` });
  const path = `${outputPath}${seamProofSuffix}`;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new FarmError('PROOF_MISSING', { message: `There is no certificate at ${path}.`, cause });
  });
  const { proof, signed } = parseProof(text, path);
  const faults = isSignedAsSaid(signed) ? seamProofFaults(proof) : ['its content is not what its signature covers'];
  if (faults.length === 0) return proof;
  throw new FarmError('PROOF_INVALID', { message: `${path}: ${faults.join('; ')}.`, details: { path, faults } });
}

/** `signed` is what stands in the file: what a newer version knows by default was not under the signature. */
function parseProof(text: string, path: string): { proof: SeamProof; signed: SeamProof } {
  try {
    const signed = JSON.parse(text);
    return { proof: SeamProof.parse(signed), signed };
  } catch (cause) {
    throw new FarmError('PROOF_INVALID', { message: `${path} is not a certificate.`, cause, details: { path } });
  }
}

/** Hashes the output and compares. @throws FarmError PROOF_MISMATCH */
export async function checkOutputBytes(
  outputPath: string,
  proof: SeamProof,
  options: { readonly signal: AbortSignal; readonly onBytes?: (done: number) => void },
): Promise<void> {
  const { sha256, sizeBytes } = await hashFile(outputPath, options);
  if (sha256 === proof.output.sha256) return;
  throw new FarmError('PROOF_MISMATCH', {
    message: `${outputPath} is not the file that was rendered: its bytes differ.`,
    details: { expected: proof.output.sha256, found: sha256, expectedBytes: proof.output.sizeBytes, sizeBytes },
  });
}
