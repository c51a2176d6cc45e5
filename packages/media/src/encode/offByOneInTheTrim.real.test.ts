import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawBarcodeClip } from '../identity/drawBarcodeClip.ts';
import { frameHashes } from '../identity/frameHashes.ts';
import type { EncodeReport, EncodeSpec, Manifest } from '../manifest.ts';
import { manifestTasks } from '../plan/manifestTasks.ts';
import { planFor } from '../testing/encodeAllChunks.ts';
import { testRun } from '../testing/testRun.ts';
import { checkSeams } from './checkSeams.ts';
import { encodeArgs } from './encodeArgs.ts';
import { encodeChunk, runEncode } from './encodeChunk.ts';

/** Ticks of one frame: 30 per second in FFmpeg's own time base for it. */
const frameTicks = 512;
const run = testRun();
let folder = '';
let manifest: Manifest;
let sourcePath = '';
let reports: EncodeReport[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-off-by-one-'));
  sourcePath = join(folder, 'source.mp4');
  await drawBarcodeClip({ outputPath: sourcePath, frames: 180, width: 320, height: 180, tone: false }, run);
  manifest = await planFor(sourcePath, 'ffv1-archive', run);
  reports = [];
  for (const { spec } of manifestTasks(manifest).encode) {
    reports.push(await encodeChunk(spec, { sourcePath, outputPath: pathOf(spec) }, run));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pathOf = (spec: EncodeSpec) => join(folder, `${spec.chunk.index}.mkv`);
const secondSpec = () => manifestTasks(manifest).encode[1]?.spec as EncodeSpec;

/** The fault: the whole cut one frame later, as many frames as planned. */
function shifted(spec: EncodeSpec): EncodeSpec {
  const { trimStartPts, trimEndPts } = spec.chunk;
  const later = (pts: number | null) => (pts === null ? null : pts + frameTicks);
  return { ...spec, chunk: { ...spec.chunk, trimStartPts: later(trimStartPts), trimEndPts: later(trimEndPts) } };
}

test('the unshifted cut passes', () => {
  expect(() => checkSeams(manifest, reports)).not.toThrow();
});

test('a command line that trims one frame later is caught by the chunk itself', async () => {
  const spec = secondSpec();
  const args = encodeArgs(shifted(spec), sourcePath, pathOf(spec));
  await expect(runEncode(spec, args, { outputPath: pathOf(spec), run })).rejects.toMatchObject({
    code: 'OVERLAP_MISMATCH',
  });
});

test('a plan that is wrong throughout, edges included, is caught by its neighbour and by the frames', async () => {
  const spec = secondSpec();
  const later = ({ frame, pts }: { frame: number; pts: number }) => ({ frame, pts: pts + frameTicks });
  const edges = { before: spec.edges.before.map(later), last: spec.edges.last.map(later) };
  const wrong = { ...shifted(spec), edges };
  const report = await encodeChunk(wrong, { sourcePath, outputPath: pathOf(spec) }, run);
  expect(report.frames).toBe(60);
  expect(() => checkSeams(manifest, [reports[0], report, reports[2]] as EncodeReport[])).toThrow(
    expect.objectContaining({ code: 'OVERLAP_MISMATCH', details: expect.objectContaining({ chunkIndex: 1 }) }),
  );
  const planned = (await frameHashes(sourcePath, run)).slice(spec.chunk.first, spec.chunk.end);
  const found = await frameHashes(pathOf(spec), run);
  expect(found).toHaveLength(planned.length);
  expect(found).not.toEqual(planned);
});

test('a trim with one frame too few is a wrong count', async () => {
  const spec = secondSpec();
  const short = { ...spec, chunk: { ...spec.chunk, trimStartPts: (spec.chunk.trimStartPts ?? 0) + frameTicks } };
  const args = encodeArgs(short, sourcePath, pathOf(spec));
  await expect(runEncode(spec, args, { outputPath: pathOf(spec), run })).rejects.toMatchObject({ code: 'FRAME_COUNT' });
});

test('a pixel conversion nobody asked for fails the chunk', async () => {
  const spec = secondSpec();
  const converted = { ...spec, video: { ...spec.video, pixelFormat: 'yuv422p' } };
  const args = encodeArgs(converted, sourcePath, pathOf(spec));
  await expect(runEncode(spec, args, { outputPath: pathOf(spec), run })).rejects.toMatchObject({ code: 'AUTO_SCALER' });
});
