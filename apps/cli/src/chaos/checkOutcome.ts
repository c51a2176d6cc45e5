import { readdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type JobView, seamProofSuffix } from '@reelmill/protocol';
import { BrokenPromise } from './chaosCase.ts';
import { encodersNaming } from './liveProcesses.ts';
import { type Reference, sha256Of } from './reference.ts';

/** An encoder may outlive its agent, or an attempt that does not count any more, by so long. */
const encoderGraceMs = 15_000;

export interface Outcome {
  readonly job: JobView;
  readonly outputFolder: string;
  readonly clip: string;
  /** Of the clip, before the job. */
  readonly mtimeMs: number;
  readonly reference: Reference;
  /** Named by every process of the farm. */
  readonly farmFolder: string;
}

/**
 * What must hold after every fault: the bytes of the undisturbed run, its frames, an output folder with the film and
 * its certificate and nothing else, an untouched source, no encoder left. Throws BrokenPromise.
 */
export async function checkOutcome(outcome: Outcome): Promise<void> {
  const { job, outputFolder, clip, mtimeMs, reference, farmFolder } = outcome;
  const [output] = job.outputs;
  if (job.state !== 'done' || output === undefined)
    throw new BrokenPromise(`The job ended as ${job.state}: ${JSON.stringify(job.error)}`);
  const sha256 = await sha256Of(output.path);
  expectSame('SHA-256 of the output', sha256, reference.outputSha256);
  expectSame('SHA-256 that the job tells', output.sha256, reference.outputSha256);
  expectSame('frames that the job tells', output.frames, reference.frames);
  expectSame('chunks', job.chunksTotal, reference.chunks);
  const names = (await readdir(outputFolder)).sort().join(', ');
  const film = basename(output.path);
  expectSame('files in the output folder', names, [film, `${film}${seamProofSuffix}`].sort().join(', '));
  expectSame('SHA-256 of the source', await sha256Of(clip), reference.sourceSha256);
  expectSame('time of the source', (await stat(clip)).mtimeMs, mtimeMs);
  await expectNoEncoders(farmFolder, encoderGraceMs);
}

export function expectSame(what: string, seen: unknown, wanted: unknown): void {
  if (seen !== wanted) throw new BrokenPromise(`${what}: ${seen} instead of ${wanted}`);
}

/** Throws unless within `graceMs` no encoder names the folder. */
export async function expectNoEncoders(folder: string, graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs;
  for (;;) {
    const left = await encodersNaming(folder);
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new BrokenPromise(`encoders still live: ${JSON.stringify(left)}`);
    await delay(25);
  }
}
