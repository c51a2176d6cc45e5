// Used by tests only: a body shared by several files, so that two workers can run them side by side.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChromiumPlayer, startChromiumPlayer } from './chromiumPlayer.ts';
import { renderLocally } from './renderLocally.ts';
import { sharedClips } from './sharedClips.ts';
import { testRun } from './testRun.ts';

/** Six minutes of 1080p: larger chunks, and played from near the end. */
const longClip = 'd28';

/** Each clip as H.264 plays to its end in a browser, every frame decoded, with its sound (decision 26). */
export function playsInChromium(numbers: readonly string[]): void {
  const clips = sharedClips('all', numbers);
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

  test.each(clips)('%s as H.264 plays to its end in Chromium', { timeout: 900_000 }, async (name, path) => {
    const chunkSeconds = name.startsWith(longClip) ? 30 : 2;
    const order = { presetId: 'h264-720p', settings: { speed: 'ultrafast' }, chunkSeconds, verify: 'seams' } as const;
    const { manifest, outputPath } = await renderLocally(path, { ...order, folder: join(folder, name) }, testRun());
    const fromSeconds = Math.max(0, manifest.durationSeconds - 30);
    const played = await player.play(outputPath, { rate: 4, fromSeconds });
    expect(played).toMatchObject({ ended: true, error: null });
    expect(played).toMatchObject({ width: manifest.video.width, height: manifest.video.height });
    expect(played.durationSeconds).toBeGreaterThanOrEqual(manifest.durationSeconds - 0.05);
    expect(played.audioBytes > 0).toBe(manifest.audio !== null);
    if (fromSeconds === 0) expect(played.frames).toBe(manifest.frames);
  });
}
