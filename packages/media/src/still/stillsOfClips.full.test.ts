import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sharedClips } from '../testing/sharedClips.ts';
import { stillsLocally } from '../testing/stillsLocally.ts';
import { testRun } from '../testing/testRun.ts';

const run = testRun();
const clips = sharedClips('all');
const presets: readonly [string, Record<string, string>][] = [
  ['thumbnail', {}],
  ['sprites', { interval: '2' }],
  ['preview-gif', {}],
  ['preview-webp', {}],
  ['frames-webp', {}],
];

describe.skipIf(clips.length === 0)('every clip gives its pictures', () => {
  test.each(clips)('%s', { timeout: 600_000 }, async (_, path) => {
    const folder = await mkdtemp(join(tmpdir(), 'reelmill-stills-of-clips-'));
    for (const [presetId, settings] of presets) {
      const made = await stillsLocally(path, { presetId, settings, folder: join(folder, presetId) }, run);
      expect(made.sizeBytes, presetId).toBeGreaterThan(0);
      if (presetId === 'frames-webp') expect(made.files.length).toBeGreaterThan(1);
    }
    await rm(folder, { recursive: true });
  });
});
