import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceReport } from '@reelmill/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeRotation } from '../assemble/writeRotation.ts';
import { drawBarcodeClip } from '../identity/drawBarcodeClip.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { clipPlans } from '../testing/clipPlans.ts';
import { sharedClips } from '../testing/sharedClips.ts';
import { makeSource, sourceKinds } from '../testing/sourceKinds.ts';
import { testRun } from '../testing/testRun.ts';
import { inspectSource } from './inspectSource.ts';

const run = testRun();
const presets = await loadTimedPresets();
let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-inspect-'));
  await drawBarcodeClip({ outputPath: at('plain.mp4'), frames: 180, width: 320, height: 180 }, run);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Both answers, as the command line gets them. */
async function both(path: string, presetId = 'h264-480p'): Promise<{ first: SourceReport; final: SourceReport }> {
  let first: SourceReport | undefined;
  const final = await inspectSource(path, {
    ...run,
    ...{ preset: findPreset(presets, presetId), settings: {}, chunkSeconds: 2, threads: null },
    ...{ toolchainClass: 'test', depth: 'index' },
    onHeader: (report) => {
      first = report;
    },
  });
  if (first === undefined) throw new Error('no first answer');
  return { first, final };
}

const remake = (name: string, args: readonly string[]): Promise<unknown> =>
  runFfmpeg(['-i', at('plain.mp4'), ...args, '-y', at(name)], run);
const made = (name: string) => {
  const kind = sourceKinds.find((one) => one.name === name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  return makeSource({ ...kind, frames: 180 }, at(`made.${kind.extension}`), run).then(() =>
    both(at(`made.${kind.extension}`)),
  );
};

describe('sources that are cut', () => {
  test.each([
    ['open GOP mp4', 'MP4 or MOV', 180],
    ['open GOP ts', 'MPEG-TS', 180],
    ['HEVC mp4', 'MP4 or MOV', 180],
    ['VFR off the grid', 'Matroska or WebM', 180],
  ])('%s', async (name, container, frames) => {
    const { first, final } = await made(name);
    expect(first).toMatchObject({
      stage: 'header',
      source: { container },
      decision: { kind: 'chunked', isFinal: false },
    });
    expect(final).toMatchObject({ stage: 'index', decision: { kind: 'chunked', isFinal: true } });
    expect(final.output).toMatchObject({ frames, frameEvidence: 'packets' });
    expect(final.source.video?.variableFrameRate).toBe(name.startsWith('VFR'));
  });

  test('the header forecasts nearly the plan that the index gives', async () => {
    const { first, final } = await both(at('plain.mp4'));
    expect(first.output?.frames).toBe(final.output?.frames);
    expect(first.decision).toMatchObject({ chunks: { count: 3 } });
    expect(final.decision).toMatchObject({ chunks: { count: 3, shortestSeconds: 2, longestSeconds: 2 } });
    expect(final.requires.encoders).toEqual(['libx264', 'aac']);
  });
});

describe('sources that go whole', () => {
  test('AVI: known from the header on', async () => {
    await remake('plain.avi', ['-c:v', 'mjpeg']);
    const { first, final } = await both(at('plain.avi'));
    expect(first.decision).toMatchObject({ kind: 'whole', isFinal: true });
    expect(final.decision).toEqual(first.decision);
    expect(final.decision.reason).toContain('AVI');
  });

  test('interlaced H.264: the header doubts, the count decides', async () => {
    await remake('fields.ts', ['-c:v', 'libx264', '-flags', '+ildct+ilme', '-x264-params', 'tff=1']);
    const { first, final } = await both(at('fields.ts'));
    expect(first.source.video?.interlaced).toBe(true);
    expect(first.decision).toMatchObject({ kind: 'whole', isFinal: false });
    expect(final.output).toMatchObject({ frames: 180, frameEvidence: 'decoded' });
    expect(final.warnings.join()).toContain('INTERLACED');
  });

  test('a short film', async () => {
    await remake('short.mp4', ['-c', 'copy', '-t', '1']);
    const { final } = await both(at('short.mp4'));
    expect(final.decision).toMatchObject({
      kind: 'whole',
      reason: expect.stringContaining('no longer than one chunk'),
    });
  });
});

test('HDR tags and rotation are shown', async () => {
  const hdr = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'];
  await remake('hdr.mp4', ['-c:v', 'libx265', '-x265-params', 'log-level=error', '-pix_fmt', 'yuv420p10le', ...hdr]);
  await writeRotation(at('hdr.mp4'), 90);
  const { first, final } = await both(at('hdr.mp4'));
  expect(first.source.video).toMatchObject({ hdr: 'PQ', rotationClockwise: 90, shown: { width: 180, height: 320 } });
  expect(final.warnings.join()).toContain('HDR_NOT_TONE_MAPPED');
});

describe('refused as a job would be', () => {
  const refusal = (path: string) => both(path).catch((thrown: unknown) => (thrown as { code?: string }).code);

  test('no video', async () => {
    await runFfmpeg(['-f', 'lavfi', '-i', 'sine=duration=1', '-y', at('sound.m4a')], run);
    expect(await refusal(at('sound.m4a'))).toBe('NO_VIDEO');
  });
  test('truncated', async () => {
    const bytes = await readFile(at('plain.mp4'));
    await writeFile(at('cut.mp4'), bytes.subarray(0, bytes.length / 2));
    expect(await refusal(at('cut.mp4'))).toBe('SOURCE_TRUNCATED');
  });
  test('text named .mp4', async () => {
    await writeFile(at('text.mp4'), 'This is not a film. '.repeat(1000));
    expect(await refusal(at('text.mp4'))).toBe('UNSUPPORTED_MEDIA');
  });
  test('empty and missing', async () => {
    await writeFile(at('empty.mp4'), '');
    expect(await refusal(at('empty.mp4'))).toBe('SOURCE_EMPTY');
    expect(await refusal(at('none.mp4'))).toBe('SOURCE_NOT_FOUND');
  });
  test('a setting the preset does not take, before anything is read', async () => {
    const preset = findPreset(presets, 'ffv1-archive');
    const asked = { settings: { colour: 'blue' }, chunkSeconds: null, threads: null };
    const inspect = inspectSource(at('none.mp4'), {
      ...{ ...run, ...asked, preset, toolchainClass: 'test', depth: 'header' },
    });
    await expect(inspect).rejects.toMatchObject({ code: 'PRESET_INVALID' });
  });
});

const clips = sharedClips('all', ['d01', 'd04', 'd05', 'd06', 'd12', 'd16', 'd18', 'd23', 'd25']);
describe.skipIf(clips.length === 0)('shared clips: the report says what the planner decides', () => {
  test.each(clips)('%s', async (name, path) => {
    const { first, final } = await both(path, 'ffv1-archive');
    const { decision } = final;
    const found = decision.kind === 'chunked' ? { chunks: decision.chunks.count } : { whole: decision.reason };
    expect(found).toEqual(clipPlans[name.slice(0, 3)]);
    expect(first.stage).toBe('header');
    if (first.decision.isFinal) expect(final.decision.kind).toBe(first.decision.kind);
  });
});
