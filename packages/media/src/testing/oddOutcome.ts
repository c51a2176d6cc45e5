// Used by tests only: what really becomes of an odd source, from its making to two finished outputs.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FarmError } from '@reelmill/protocol';
import { expect } from 'vitest';
import { frameHashes } from '../identity/frameHashes.ts';
import type { Manifest } from '../manifest.ts';
import { probeHeaders } from '../probe/probeSource.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { examine } from './examine.ts';
import { makeOddSource, type OddSource } from './oddSources.ts';
import { renderLocally } from './renderLocally.ts';

export interface OddOutcome {
  readonly name: string;
  /** For people: `cut into 3`, `whole: …`, `refused: CODE`, `fails: CODE`. */
  readonly result: string;
  /** Of the source as the reference decodes it; null where nothing is rendered. */
  readonly frames: number | null;
}

interface Planned {
  readonly path: string;
  readonly manifest: Manifest | null;
  readonly outcome: OddOutcome;
}

/** Makes the source and expects of its plan what the source says: cut, whole for that reason, or refused. */
export async function oddPlan(source: OddSource, folder: string, run: RunOptions): Promise<Planned> {
  const path = join(folder, `source.${source.extension}`);
  await makeOddSource(source, path, run);
  const { name, result } = source;
  const { refused, manifest } = await examine(path, run);
  if (manifest === null) {
    expect({ refused }).toEqual(result);
    return { path, manifest, outcome: { name, result: `refused: \`${refused}\``, frames: null } };
  }
  if (typeof result === 'object' && 'failed' in result) {
    const text = `fails while encoding, nothing is published: \`${result.failed}\``;
    return { path, manifest, outcome: { name, result: text, frames: null } };
  }
  if (result === 'cut') expect(manifest.wholeReason).toBeNull();
  else expect(manifest.wholeReason).toContain('whole' in result ? result.whole : 'a refusal');
  const text = manifest.wholeReason === null ? `cut into ${manifest.chunks.length}` : `whole: ${manifest.wholeReason}`;
  return { path, manifest, outcome: { name, result: text, frames: manifest.frames } };
}

/** Renders the source twice and expects: its frames in the archive, its count and size as H.264, or its code. */
export async function rendersRight(source: OddSource, parent: string, run: RunOptions): Promise<void> {
  const folder = join(parent, source.name.replaceAll(/\W/g, '-'));
  await mkdir(folder, { recursive: true });
  try {
    const { path, manifest } = await oddPlan(source, folder, run);
    if (manifest === null) return;
    if (typeof source.result === 'object' && 'failed' in source.result) {
      const order = {
        presetId: 'ffv1-archive',
        chunkSeconds: 2,
        verify: 'seams',
        folder: join(folder, 'out'),
      } as const;
      expect(await codeOf(renderLocally(path, order, run))).toBe(source.result.failed);
    } else {
      const frames = await expectRight(source, { path, folder: join(folder, 'out') }, run);
      expect(frames).toBe(manifest.frames);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the number of frames */
async function expectRight(source: OddSource, at: { path: string; folder: string }, run: RunOptions): Promise<number> {
  const order = { chunkSeconds: 2, verify: 'seams', folder: at.folder } as const;
  const archive = await renderLocally(at.path, { ...order, presetId: 'ffv1-archive' }, run);
  const { video: coded } = await probeHeaders(at.path, run);
  const repacked = archive.manifest.warnings.some((warning) => warning.startsWith('PIXELS_REPACKED'));
  const wanted = await frameHashes(at.path, run);
  const found = await (repacked
    ? hashesAs(coded.pixelFormat, archive.outputPath, run)
    : frameHashes(archive.outputPath, run));
  const isTold = archive.decodeErrors > 0 || archive.manifest.warnings.some((one) => one.startsWith('DECODE_ERRORS'));
  if (source.isDamaged) expect(isTold).toBe(true);
  else expect(found.findIndex((hash, frame) => hash !== wanted[frame])).toBe(-1);
  expect(found.length).toBe(wanted.length);
  if (source.frames !== undefined) expect(wanted.length).toBe(source.frames);
  const lossy = await renderLocally(at.path, { ...order, presetId: 'h264-720p' }, run);
  expect(lossy.report.frames).toBe(wanted.length);
  const { video } = await probeHeaders(lossy.outputPath, run);
  const { width, height } = archive.manifest.video;
  expect([video.width, video.height]).toEqual(source.shownAs ?? [width, height]);
  return wanted.length;
}

/** Frames of an archive in the layout of its source: a repacking must be undone to the very bytes. */
async function hashesAs(pixelFormat: string, path: string, run: RunOptions): Promise<string[]> {
  const exact = 'accurate_rnd+bitexact+full_chroma_int+full_chroma_inp';
  const output = ['-map', '0:v:0', '-fps_mode', 'passthrough', '-sws_flags', exact, '-pix_fmt', pixelFormat];
  const { stdout } = await runFfmpeg(['-noautorotate', '-i', path, ...output, '-f', 'framemd5', 'pipe:1'], run);
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.slice(line.lastIndexOf(',') + 1).trim());
}

const codeOf = (rendered: Promise<unknown>): Promise<string> =>
  rendered.then(
    () => 'rendered',
    (thrown: unknown) => {
      if (thrown instanceof FarmError) return thrown.code;
      throw thrown;
    },
  );
