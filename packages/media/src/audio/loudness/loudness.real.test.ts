import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AudioReport, ResolvedAudio } from '../../manifest.ts';
import { applySettings } from '../../presets/applySettings.ts';
import { findPreset, loadTimedPresets } from '../../presets/loadPresets.ts';
import { probeSource } from '../../probe/probeSource.ts';
import { runFfmpeg } from '../../process/runFfmpeg.ts';
import { findFlashAndClick, makeFlashAndClick } from '../../testing/flashAndClick.ts';
import { renderLocally } from '../../testing/renderLocally.ts';
import { testRun } from '../../testing/testRun.ts';
import { encodeAudio } from '../encodeAudio.ts';
import { resolveAudio } from '../resolveAudio.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-loudness-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Loud and soft parts, and short peaks far above both. */
const lively = '0.08*sin(2*PI*440*t)*(1+0.6*sin(2*PI*0.2*t))+if(lt(mod(t,1.7),0.004),0.8*sin(2*PI*3000*t),0)';
const sounds = {
  even: 'sine=frequency=997:sample_rate=44100:duration=4',
  lively: `aevalsrc='${lively}|${lively}':s=48000:d=4`,
  silent: 'anullsrc=sample_rate=48000:duration=4',
  short: 'sine=frequency=997:sample_rate=48000:duration=0.2',
} as const;

async function makeSound(kind: keyof typeof sounds): Promise<string> {
  const path = join(folder, `${kind}.mkv`);
  if (existsSync(path)) return path;
  const picture = ['-f', 'lavfi', '-i', 'color=size=64x64:rate=5:duration=1', '-c:v', 'ffv1'];
  await runFfmpeg(['-f', 'lavfi', '-i', sounds[kind], ...picture, '-c:a', 'pcm_s24le', '-y', path], run);
  return path;
}

interface Made {
  readonly audio: ResolvedAudio;
  readonly report: AudioReport;
  readonly path: string;
}

async function encode(source: string, order: { presetId: string; loudness: string; name: string }): Promise<Made> {
  const plain = findPreset(await loadTimedPresets(), order.presetId);
  const preset = applySettings(plain, { loudness: order.loudness });
  const headers = await probeSource(source, run);
  const { audio } = resolveAudio({ tracks: headers.audioTracks, preset, firstVideoSeconds: 0 });
  if (audio === null) throw new Error('no sound');
  const path = join(folder, `${order.name}.${preset.container}`);
  const spec = { kind: 'audio', demuxer: headers.demuxer, audio } as const;
  return { audio, report: await encodeAudio(spec, { sourcePath: source, outputPath: path }, run), path };
}

/** By FFmpeg's other measuring filter. */
async function measured(path: string): Promise<{ integrated: number; peak: number }> {
  const args = ['-loglevel', 'info', '-i', path, '-map', '0:a:0', '-af', 'ebur128=peak=true:framelog=verbose'];
  const { log } = await runFfmpeg([...args, '-f', 'null', '-'], run);
  const summary = log.slice(log.lastIndexOf('Summary:'));
  return {
    integrated: Number(/I:\s+(-?[\d.]+|-inf) LUFS/.exec(summary)?.[1]),
    peak: Number(/Peak:\s+(-?[\d.]+|-inf) dBFS/.exec(summary)?.[1]),
  };
}

describe.each([
  ['h264-720p', 'AAC'],
  ['webm_720p', 'Opus'],
  ['prores-proxy', 'PCM'],
  ['ffv1-archive', 'FLAC'],
])('%s (%s)', (presetId, codec) => {
  test('lands on the target, peaks below the limit, as long as the source', async () => {
    const source = await makeSound('lively');
    const made = await encode(source, { presetId, loudness: '-16', name: `lively-${codec}` });
    const { integrated, peak } = await measured(made.path);
    expect(Math.abs(integrated + 16)).toBeLessThanOrEqual(0.5);
    expect(peak).toBeLessThanOrEqual(-1);
    expect(made.report).toMatchObject({ warnings: [], loudness: { mode: 'dynamic' } });
    const plain = await encode(source, { presetId, loudness: 'off', name: `plain-${codec}` });
    const { samples, primingSeconds, firstSeconds } = plain.report;
    expect(made.report).toMatchObject({ samples, primingSeconds, firstSeconds });
  });
});

test('the same source gives the same bytes, limiter and second try included', async () => {
  const source = await makeSound('lively');
  const [first, again] = [
    await encode(source, { presetId: 'h264-720p', loudness: '-16', name: 'first' }),
    await encode(source, { presetId: 'h264-720p', loudness: '-16', name: 'again' }),
  ];
  expect((await readFile(again.path)).equals(await readFile(first.path))).toBe(true);
});

test('sound with room for it becomes louder or softer by one gain, at its own sample rate', async () => {
  const source = await makeSound('even');
  for (const loudness of [-14, -30]) {
    const made = await encode(source, { presetId: 'h264-720p', loudness: String(loudness), name: `even${loudness}` });
    expect(Math.abs((await measured(made.path)).integrated - loudness)).toBeLessThanOrEqual(0.5);
    expect(made).toMatchObject({ audio: { sampleRate: 44_100 }, report: { loudness: { mode: 'gain' }, warnings: [] } });
  }
});

test.each(['silent', 'short'] as const)('%s sound stays as it is, and the report says so', async (kind) => {
  const source = await makeSound(kind);
  const made = await encode(source, { presetId: 'h264-720p', loudness: '-23', name: `${kind}-aac` });
  const plain = await encode(source, { presetId: 'h264-720p', loudness: 'off', name: `${kind}-plain` });
  expect(made.report.warnings).toEqual([expect.stringMatching(/^LOUDNESS_UNCHANGED: /)]);
  expect((await readFile(made.path)).equals(await readFile(plain.path))).toBe(true);
});

test('a click that no limiter can bring to the target is told, with what it became', async () => {
  const path = join(folder, 'click.mp4');
  await makeFlashAndClick(path, ['-c:a', 'aac'], run);
  const { report } = await encode(path, { presetId: 'h264-720p', loudness: '-6', name: 'clicked' });
  expect(report.warnings).toEqual([expect.stringMatching(/^LOUDNESS_MISSED: .* instead of -6 LUFS below -1 dBTP/)]);
});

test('a film with normalised sound keeps sound and picture together, and its plan says what was done', async () => {
  const path = join(folder, 'offset.mp4');
  const late = join(folder, 'late.mp4');
  await makeFlashAndClick(path, ['-c:a', 'aac'], run);
  const inputs = ['-i', path, '-itsoffset', '0.2', '-i', path, '-map', '0:v', '-map', '1:a'];
  await runFfmpeg([...inputs, '-c', 'copy', '-y', late], run);
  const order = { presetId: 'h264-360p', settings: { loudness: '-20' }, chunkSeconds: 2, verify: 'full' } as const;
  const { manifest, report, outputPath } = await renderLocally(late, { ...order, folder: join(folder, 'out') }, run);
  expect(report.audioOffsetErrorSeconds).toBeLessThanOrEqual(0.001);
  const [before, after] = [await findFlashAndClick(late, run), await findFlashAndClick(outputPath, run)];
  expect(Math.abs(after.click - after.flash - (before.click - before.flash))).toBeLessThanOrEqual(0.0015);
  expect(manifest.fates.find(({ kind }) => kind === 'audio')).toMatchObject({
    fate: 'converted',
    note: 'as aac; normalised to -20 LUFS (EBU R 128) with true peaks of at most -1 dBTP',
  });
});
