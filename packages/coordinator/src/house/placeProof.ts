import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { seamProofSuffix } from '@reelmill/protocol';
import type { PublishedOutput } from '@reelmill/scheduler';
import { isSignedAsSaid, type Proof, signProof } from '../proof/signProof.ts';
import { partPrefix } from './assembleTask.ts';
import type { HouseCall } from './houseCall.ts';
import { giveName, syncPath } from './publishFile.ts';

interface ProofToPlace<Of extends Proof> {
  readonly form: { parse(value: unknown): Of; safeParse(value: unknown): { data?: Of | undefined } };
  make(): Promise<Omit<Of, 'signature'>>;
}

/**
 * Signs a certificate and puts it next to a published output; what an earlier try wrote stays, and so does anything
 * that is not ours.
 */
export async function placeProof<Of extends Proof>(
  call: HouseCall,
  output: PublishedOutput,
  { form, make }: ProofToPlace<Of>,
): Promise<string> {
  const path = `${output.path}${seamProofSuffix}`;
  if (await isProofOf(path, output.sha256, form)) return path;
  const proof = signProof(await make(), call.context.signingKey);
  const temporary = join(dirname(path), `${partPrefix(call.jobId)}${output.rendition}.proof.part`);
  await writeFile(temporary, `${JSON.stringify(form.parse(proof), null, 2)}\n`);
  try {
    await syncPath(temporary);
    if (!(await giveName(temporary, path))) {
      call.context.logger.warn(
        { path },
        'a file that is not ours stands where the certificate belongs: none was written',
      );
    }
  } finally {
    await rm(temporary, { force: true });
  }
  await syncPath(dirname(path));
  return path;
}

async function isProofOf(path: string, sha256: string, form: ProofToPlace<Proof>['form']): Promise<boolean> {
  try {
    const { data } = form.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return data !== undefined && data.output.sha256 === sha256 && isSignedAsSaid(data);
  } catch {
    // Absent or not JSON: not a certificate of ours.
    return false;
  }
}
