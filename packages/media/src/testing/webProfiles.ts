// Used by tests only: a body shared by several files, so that workers can run them side by side.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { renderLocally } from './renderLocally.ts';
import { streamFacts, videoBitrate } from './streamFacts.ts';
import { testRun } from './testRun.ts';

export interface WebProfile {
  readonly preset: string;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly bitrate: number;
}

/** A film worth more bits than any profile gives: each profile comes out with its size, codec and rate. */
export function keepsBitrate(profiles: readonly WebProfile[]): void {
  const run = testRun();
  let folder = '';
  let film = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reelmill-web-'));
    film = join(folder, 'busy.mp4');
    const picture = 'testsrc2=size=1280x720:rate=25:duration=4,noise=alls=8:allf=t';
    const sound = 'sine=frequency=440:sample_rate=48000:duration=4';
    const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '16', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
    await runFfmpeg(['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', sound, ...encode, '-y', film], run);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(profiles)(
    '$preset: size, codec, and bitrate within a tenth, at 2 s chunks',
    { timeout: 240_000 },
    async (wanted) => {
      const order = { chunkSeconds: 2, verify: 'seams', folder: join(folder, wanted.preset) } as const;
      const { manifest, outputPath } = await renderLocally(film, { ...order, presetId: wanted.preset }, run);
      expect(manifest.chunks.length).toBe(2);
      const { width, height } = wanted;
      expect(await streamFacts(outputPath, 'v', run)).toMatchObject({ codec_name: wanted.codec, width, height });
      const bitrate = await videoBitrate(outputPath, manifest.durationSeconds, run);
      expect(Math.abs(bitrate / wanted.bitrate - 1)).toBeLessThanOrEqual(0.1);
    },
  );
}
