import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputGuardArgs, runFfmpeg } from '../process/runFfmpeg.ts';
import { encodeAllChunks, planFor } from '../testing/encodeAllChunks.ts';
import { sharedClips } from '../testing/sharedClips.ts';
import { testRun } from '../testing/testRun.ts';

const clips = sharedClips('all').filter(([name]) => name.startsWith('d28_'));
const run = testRun();

/** Frames 0 to 449 of the reference decode: all 10883 take minutes, which the full tier spends. */
async function firstHashes(path: string): Promise<string[]> {
  const hashes: string[] = [];
  const args = [...inputGuardArgs('mov'), '-i', path, '-map', '0:v:0', '-frames:v', '450', '-fps_mode', 'passthrough'];
  await runFfmpeg([...args, '-f', 'framemd5', 'pipe:1'], run, {
    onStdoutLine: (line) => {
      if (!line.startsWith('#')) hashes.push(line.slice(line.lastIndexOf(',') + 1).trim());
    },
  });
  return hashes;
}

describe.skipIf(clips.length === 0)('a six-minute film', () => {
  test.each(clips)('%s: chunks from its first quarter minute hold the frames of the source', async (_, path) => {
    const folder = await mkdtemp(join(tmpdir(), 'reelmill-long-'));
    const manifest = await planFor(path, 'ffv1-archive', run);
    const chosen = [1, 4, 6];
    const { hashes } = await encodeAllChunks(manifest, folder, {
      ...run,
      pick: ({ chunk }) => chosen.includes(chunk.index),
    });
    await rm(folder, { recursive: true });
    const reference = await firstHashes(path);
    expect(hashes).toEqual(
      chosen.flatMap((at) => reference.slice(manifest.chunks[at]?.first, manifest.chunks[at]?.end)),
    );
  });
});
