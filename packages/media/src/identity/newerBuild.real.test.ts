import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { expectSameFrames } from '../testing/expectSameFrames.ts';
import { ensureNewerFfmpeg } from '../testing/newerFfmpeg.ts';
import { renderLocally } from '../testing/renderLocally.ts';
import { makeSource, sourceKinds } from '../testing/sourceKinds.ts';
import { testRun } from '../testing/testRun.ts';
import { frameHashes } from './frameHashes.ts';

const newer = await ensureNewerFfmpeg();
if ('missing' in newer) process.stderr.write(`Not run, no second FFmpeg: ${newer.missing}\n`);

/** The sources are made by the installed FFmpeg, all else is done by the newer one (its wheel brings no FFprobe). */
const older = testRun();
const run: RunOptions = {
  ...older,
  tools: { ...older.tools, ffmpegPath: 'ffmpegPath' in newer ? newer.ffmpegPath : '' },
};
const kinds = ['open GOP mp4', 'open GOP ts', 'VFR off the grid', 'edit list that starts inside a GOP'];

describe.skipIf('missing' in newer)('a newer build of FFmpeg', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reelmill-newer-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is another one than the installed', async () => {
    const versions = await Promise.all(
      [run, older].map(async (one) => (await runFfmpeg(['-version'], one)).stdout.split('\n')[0]),
    );
    expect(versions[0]).not.toBe(versions[1]);
  });

  test.each(sourceKinds.filter(({ name }) => kinds.includes(name)).map((kind) => [kind.name, kind] as const))(
    '%s is cut and keeps every frame, times and seams as planned',
    async (_, kind) => {
      const path = join(folder, `source.${kind.extension}`);
      await makeSource({ ...kind, frames: 170 }, path, older);
      const manifest = await expectSameFrames(path, run);
      expect(manifest.wholeReason).toBeNull();
    },
  );

  test.each(['h264-480p', 'hevc-2160p', 'ffv1-archive'])('%s: joined with its sound, offset kept', async (presetId) => {
    const path = join(folder, 'late.mp4');
    const late = ['-itsoffset', '0.3', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=5'];
    const sound = ['-f', 'lavfi', '-i', 'sine=duration=5', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50'];
    await runFfmpeg([...late, ...sound, '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-y', path], older);
    const order = { presetId, chunkSeconds: 2, verify: 'full', folder: join(folder, presetId) } as const;
    const { manifest, report, outputPath } = await renderLocally(path, order, run);
    expect(manifest.chunks.length).toBeGreaterThan(1);
    expect(report.maxPtsErrorSeconds).toBeLessThanOrEqual(0.000502);
    expect(Math.abs(report.audioOffsetErrorSeconds ?? 1)).toBeLessThanOrEqual(0.001);
    const [source, output] = await Promise.all([path, outputPath].map((file) => frameHashes(file, older)));
    if (presetId === 'ffv1-archive') expect(output).toEqual(source);
    else expect(output?.length).toBe(source?.length);
  });
});
