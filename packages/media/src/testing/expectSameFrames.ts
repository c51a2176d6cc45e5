// Used by tests only.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { checkSeams } from '../encode/checkSeams.ts';
import { frameHashes } from '../identity/frameHashes.ts';
import type { Manifest } from '../manifest.ts';
import type { RunOptions } from '../process/tools.ts';
import { encodeAllChunks, planFor } from './encodeAllChunks.ts';

/** Cuts a source at 2 s, stores it losslessly, and expects the frames of the reference decode, in order and number. */
export async function expectSameFrames(sourcePath: string, run: RunOptions): Promise<Manifest> {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-identity-'));
  try {
    const manifest = await planFor(sourcePath, 'ffv1-archive', run);
    const { reports, hashes } = await encodeAllChunks(manifest, folder, run);
    checkSeams(manifest, reports);
    const reference = await frameHashes(sourcePath, run);
    expect(hashes.length).toBe(reference.length);
    expect(hashes).toEqual(reference);
    expect(manifest.frames).toBe(reference.length);
    return manifest;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
