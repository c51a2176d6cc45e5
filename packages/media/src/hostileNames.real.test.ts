import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFfmpeg } from './process/runFfmpeg.ts';
import { hostileNames } from './testing/hostileNames.ts';
import { renderLocally } from './testing/renderLocally.ts';
import { testRun } from './testing/testRun.ts';

const run = testRun();
let folder = '';
let film = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-names-'));
  film = join(folder, 'film.mp4');
  const inputs = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=64x36:rate=25:duration=1',
    '-f',
    'lavfi',
    '-i',
    'sine=duration=1',
  ];
  await runFfmpeg([...inputs, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '5', '-c:a', 'aac', '-y', film], run);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(hostileNames.map((name) => [JSON.stringify(name).slice(0, 60), name]))(
  '%s renders whole',
  async (_, name) => {
    const path = join(folder, name);
    await copyFile(film, path);
    const order = { presetId: 'h264-480p', chunkSeconds: 0.5, verify: 'seams', folder: join(folder, 'out') } as const;
    const { report, manifest } = await renderLocally(path, order, run);
    expect(report.frames).toBe(25);
    expect(manifest.chunks.length).toBeGreaterThan(1);
    await Promise.all([rm(path), rm(order.folder, { recursive: true })]);
    expect(await readdir(folder)).toEqual(['film.mp4']);
  },
);
