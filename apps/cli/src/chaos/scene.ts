import { copyFile, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobView } from '@reelmill/protocol';
import type { ChaosCase, ChaosContext } from './chaosCase.ts';
import { checkOutcome } from './checkOutcome.ts';

/** What one case renders, and where to. */
export interface Scene {
  /** A copy of the clip that no agent has in its cache. */
  readonly clip: string;
  readonly outputFolder: string;
  /** Throws BrokenPromise unless everything holds that must: see `checkOutcome`. */
  check(job: JobView): Promise<void>;
}

/** Puts source and output folder of a case into its bench's folder. */
export async function openScene({ id }: ChaosCase, context: ChaosContext, outputFolder?: string): Promise<Scene> {
  const folder = join(context.folder, id);
  const out = outputFolder ?? join(folder, 'out');
  const clip = join(folder, 'clip.mp4');
  await mkdir(out, { recursive: true });
  await mkdir(folder, { recursive: true });
  await copyFile(context.clip, clip);
  const { mtimeMs } = await stat(clip);
  const { reference } = context;
  return {
    clip,
    outputFolder: out,
    check: (job) => checkOutcome({ job, outputFolder: out, clip, mtimeMs, reference, farmFolder: context.folder }),
  };
}

/** Chance from a seed and a name: the same pair gives the same number, from 0 up to but not 1. */
export function chance(seed: number, name: string): number {
  let hash = 2_166_136_261 ^ seed;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_507);
  hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
