// Used by tests only: a body shared by several files, so that workers can run them side by side.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawBarcodeClip } from '../identity/drawBarcodeClip.ts';
import { readBarcodes } from '../identity/readBarcodes.ts';
import { renderLocally } from './renderLocally.ts';
import { streamFacts } from './streamFacts.ts';
import { testRun } from './testRun.ts';

export interface PresetExpectation {
  readonly preset: string;
  /** What FFprobe says of the picture, besides size and square pixels. */
  readonly video: Readonly<Record<string, unknown>>;
  readonly audio: string;
}

const frames = 130;

/**
 * Each preset cuts a generated film at 2 s, joins it, decodes to its end, and holds every frame in order (read from
 * the picture), in the codec, profile and pixel format it promises; made again, it has the same bytes.
 */
export function rendersPresets(expectations: readonly PresetExpectation[]): void {
  const run = testRun();
  let folder = '';
  let film = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reelmill-preset-'));
    film = join(folder, 'film.mp4');
    await drawBarcodeClip({ outputPath: film, frames, width: 320, height: 180 }, run);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(expectations)('$preset', { timeout: 180_000 }, async ({ preset, video, audio }) => {
    const order = { presetId: preset, chunkSeconds: 2, verify: 'full' } as const;
    const { manifest, report, outputPath } = await renderLocally(film, { ...order, folder: join(folder, preset) }, run);
    expect(manifest).toMatchObject({ plan: 'chunked', frames });
    expect(manifest.chunks.length).toBe(2);
    expect(report.audioOffsetErrorSeconds).toBeLessThanOrEqual(0.001);
    expect(await streamFacts(outputPath, 'v', run)).toMatchObject({
      width: 320,
      height: 180,
      sample_aspect_ratio: '1:1',
      ...video,
    });
    expect(await streamFacts(outputPath, 'a', run)).toMatchObject({ codec_name: audio });
    expect(await readBarcodes(outputPath, run)).toEqual(Array.from({ length: frames }, (_, at) => at));
    const again = await renderLocally(film, { ...order, folder: join(folder, `${preset}-again`) }, run);
    expect(await sha256(again.outputPath)).toBe(await sha256(outputPath));
  });
}

const sha256 = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
