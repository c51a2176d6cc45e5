import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBarcodes } from '../identity/readBarcodes.ts';
import { makeSource, sourceKinds } from '../testing/sourceKinds.ts';
import { readImageBarcodes, stillsLocally } from '../testing/stillsLocally.ts';
import { testRun } from '../testing/testRun.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-100%-frames-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const wanted = /open GOP ts|NTSC|VFR off|edit list/;
const kinds = sourceKinds.filter(({ name }) => wanted.test(name));

test.each(kinds.map((kind) => [kind.name, kind] as const))(
  'of %s each picture is the frame shown at its instant, however the film is cut',
  async (_, kind) => {
    const path = join(folder, `source.${kind.extension}`);
    await makeSource(kind, path, run);
    const order = { presetId: 'frames-jpeg', settings: { fps: '3' } };
    const cut = await stillsLocally(path, { ...order, chunkSeconds: 2, folder: join(folder, 'cut') }, run);
    expect(cut.reports.length).toBeGreaterThan(2);

    const numbers = await readBarcodes(path, run);
    const { index, manifest } = cut;
    const { den } = manifest.timeBase;
    const shown = new Set<number>();
    // half a tick, at most half a millisecond, is forgiven to clocks that round
    const forgiven = Math.min(0.5, 0.0005 * den);
    for (let instant = 0; instant < manifest.durationSeconds - forgiven / den; instant += 1 / 3) {
      shown.add(index.pts.findLastIndex((time) => time <= manifest.firstPts + instant * den + forgiven));
    }
    const expected = [...shown].map((frame) => numbers[frame]);
    expect(await readImageBarcodes(join(cut.outputPath, 'frame_%06d.jpg'), run)).toEqual(expected);

    const { frames } = JSON.parse(await readFile(join(cut.outputPath, 'frames.json'), 'utf8'));
    expect(frames.map(({ frame }: { frame: number }) => numbers[frame])).toEqual(expected);
    const times: number[] = frames.map(({ ptsSeconds }: { ptsSeconds: number }) => ptsSeconds);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(frames.map(({ file }: { file: string }) => file)).toEqual(cut.files.slice(0, -1).map(({ name }) => name));

    const other = await stillsLocally(path, { ...order, chunkSeconds: 5, folder: join(folder, 'other') }, run);
    expect(other.reports.length).toBeLessThan(cut.reports.length);
    expect(other.sha256).toBe(cut.sha256);
  },
);
