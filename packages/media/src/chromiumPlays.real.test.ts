import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChromiumPlayer, startChromiumPlayer } from './testing/chromiumPlayer.ts';
import { renderLocally } from './testing/renderLocally.ts';
import { sharedClips } from './testing/sharedClips.ts';
import { testRun } from './testing/testRun.ts';

let folder = '';
let player: ChromiumPlayer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-plays-'));
  player = await startChromiumPlayer();
});
afterAll(async () => {
  await player.close();
  await rm(folder, { recursive: true, force: true });
});

/** Minutes of film: rendered in the full tier only, and played from near its end. */
const long = process.env.REELMILL_TEST_TIER === 'full' ? [] : ['d28'];
const clips = sharedClips('all').filter(([name]) => !long.includes(name.slice(0, 3)));

test.each(clips)('%s as H.264 plays to its end in Chromium', async (name, path) => {
  const order = { presetId: 'h264-720p', settings: { speed: 'ultrafast' }, chunkSeconds: 2, verify: 'seams' } as const;
  const { manifest, outputPath } = await renderLocally(path, { ...order, folder: join(folder, name) }, testRun());
  const fromSeconds = Math.max(0, manifest.durationSeconds - 30);
  const played = await player.play(outputPath, { rate: 4, fromSeconds });
  expect(played).toMatchObject({ ended: true, error: null });
  expect(played).toMatchObject({ width: manifest.video.width, height: manifest.video.height });
  expect(played.durationSeconds).toBeGreaterThanOrEqual(manifest.durationSeconds - 0.05);
  expect(played.audioBytes > 0).toBe(manifest.audio !== null);
  if (fromSeconds === 0) expect(played.frames).toBe(manifest.frames);
});

if (long.length > 0) test.skip(`${long} as H.264 plays: run with REELMILL_TEST_TIER=full`, () => undefined);
