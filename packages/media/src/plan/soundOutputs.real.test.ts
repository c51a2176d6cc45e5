import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AudioReport, JoinReport, Manifest } from '../manifest.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import { checkSource } from '../probe/checkSource.ts';
import { runFfmpeg, runFfprobe } from '../process/runFfmpeg.ts';
import { runFarmSpec } from '../runFarmSpec.ts';
import { testRun } from '../testing/testRun.ts';
import { inspectSource } from './inspectSource.ts';
import { manifestTasks } from './manifestTasks.ts';
import { planSource, readSourceFor } from './planSource.ts';

const run = testRun();
let folder = '';
const at = (name: string): string => join(folder, name);
const chapters =
  ';FFMETADATA1\ntitle=Evening\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=2000\nEND=5000\ntitle=Two\n';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-sound-'));
  await writeFile(at('chapters.txt'), chapters);
  const lavfi = (text: string) => ['-f', 'lavfi', '-i', text];
  const sounds = [
    ...lavfi('sine=frequency=300:duration=5'),
    ...lavfi('sine=frequency=700:sample_rate=48000:duration=5'),
  ];
  const film = [
    ...lavfi('testsrc=size=64x64:rate=10:duration=5'),
    ...sounds,
    '-f',
    'ffmetadata',
    '-i',
    at('chapters.txt'),
  ];
  const maps = ['-map', '0', '-map', '1', '-map', '2', '-map_metadata', '3', '-map_chapters', '3'];
  const marks = ['-disposition:a:0', '0', '-disposition:a:1', 'default', '-metadata:s:a:1', 'language=deu'];
  await runFfmpeg([...film, ...maps, ...marks, '-c:v', 'ffv1', '-c:a', 'flac', at('film.mkv')], run);
  await runFfmpeg(
    [...lavfi('sine=frequency=300:sample_rate=44100:duration=3'), '-c:a', 'pcm_s24le', at('tone.wav')],
    run,
  );
  await runFfmpeg([...lavfi('testsrc=size=64x64:rate=10:duration=1'), '-c:v', 'ffv1', at('silent.mkv')], run);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Rendered {
  readonly manifest: Manifest;
  readonly report: JoinReport;
  readonly path: string;
}

/** read → plan → sound → join → proof, as a farm does it. */
async function render(source: string, presetId: string, name: string): Promise<Rendered> {
  const preset = findPreset(await loadTimedPresets(), presetId);
  const identity = await checkSource(source);
  const { classId: toolchainClass } = run.tools.toolchain;
  const order = {
    identity,
    presets: [preset],
    settings: {},
    chunkSeconds: null,
    threads: null,
    toolchainClass,
    verify: 'full',
  } as const;
  const [manifest] = planSource(await readSourceFor([preset], source, run), order);
  if (manifest === undefined) throw new Error('no plan');
  const { encode, audio } = manifestTasks(manifest);
  expect(encode).toEqual([]);
  await mkdir(at(name));
  const inputs: Record<string, string> = {};
  const sounds: AudioReport[] = [];
  for (const { name: part, spec } of audio) {
    const outputPath = join(at(name), `${part}.${spec.audio.container}`);
    inputs[part] = outputPath;
    sounds.push(
      (await runFarmSpec(spec, { sourcePath: source, inputs: {}, outputPaths: [outputPath] }, run))
        .report as AudioReport,
    );
  }
  const path = join(at(name), `output.${manifest.container}`);
  const files = { sourcePath: null, inputs, outputPaths: [path] };
  const { report } = await runFarmSpec({ kind: 'join', manifest, sounds }, files, run);
  return { manifest, report: report as JoinReport, path };
}

const samplesOf = async (path: string, stream: string): Promise<string> =>
  (await runFfmpeg(['-i', path, '-map', stream, '-c:a', 'pcm_f64le', '-f', 'md5', '-'], run)).stdout.trim();

async function facts(path: string) {
  const args = ['-show_streams', '-show_format', '-show_chapters', '-of', 'json', path];
  return JSON.parse((await runFfprobe(args, run)).stdout);
}

describe.each([
  ['audio-aac', 'aac', false],
  ['audio-flac', 'flac', true],
  ['audio-wav', 'pcm_s16le', true],
] as const)('%s', (presetId, codec, isLossless) => {
  test('takes the default track of a film, from its start to its end, and says what it leaves', async () => {
    const { manifest, report, path } = await render(at('film.mkv'), presetId, `${presetId}-film`);
    expect(manifest).toMatchObject({ plan: 'whole', frames: 0, chunks: [], video: null, durationSeconds: 5 });
    expect(report).toMatchObject({ frames: 0, audioOffsetErrorSeconds: null, warnings: [] });
    const { streams, format, chapters: found } = await facts(path);
    const sounds = streams.filter((one: { codec_type: string }) => one.codec_type === 'audio');
    expect(sounds).toMatchObject([{ codec_name: codec, sample_rate: '48000', channels: 1 }]);
    expect(Number(format.duration)).toBeCloseTo(5, presetId === 'audio-aac' ? 1 : 3);
    expect(format.tags).toMatchObject({ title: 'Evening' });
    expect(found).toHaveLength(presetId === 'audio-aac' ? 2 : 0);
    if (isLossless) expect(await samplesOf(path, '0:a:0')).toBe(await samplesOf(at('film.mkv'), '0:2'));
    const dropped = manifest.fates.filter(({ fate }) => fate === 'dropped').map(({ kind, stream }) => [kind, stream]);
    expect(dropped).toEqual(
      expect.arrayContaining([
        ['video', 0],
        ['audio', 1],
      ]),
    );
    expect(manifest.warnings.join()).toMatch(/AUDIO_TRACKS_DROPPED: .*one track of sound/);
    expect(/CHAPTERS_DROPPED/.test(manifest.warnings.join())).toBe(presetId !== 'audio-aac');
  });

  test('takes a source without a picture; the same bytes twice', async () => {
    const [first, again] = [
      await render(at('tone.wav'), presetId, `${presetId}-1`),
      await render(at('tone.wav'), presetId, `${presetId}-2`),
    ];
    expect((await readFile(first.path)).equals(await readFile(again.path))).toBe(true);
    if (isLossless) expect(await samplesOf(first.path, '0:a:0')).toBe(await samplesOf(at('tone.wav'), '0:a:0'));
    expect((await facts(first.path)).streams[0].sample_rate).toBe('44100');
  });
});

test('inspect tells the same without reading frames; films need a picture, sound needs sound', async () => {
  const presets = await loadTimedPresets();
  const inspect = (name: string, presetId: string) =>
    inspectSource(at(name), {
      ...{ ...run, preset: findPreset(presets, presetId), settings: {}, chunkSeconds: null, threads: null },
      ...{ toolchainClass: run.tools.toolchain.classId, depth: 'index' },
    });
  expect(await inspect('tone.wav', 'audio-flac')).toMatchObject({
    stage: 'index',
    source: { video: null, videoTracks: 0, audioTracks: 1 },
    decision: { kind: 'whole', isFinal: true },
    output: { container: 'flac', size: null, videoEncoder: null, audioEncoder: 'flac', frames: 0, durationSeconds: 3 },
    requires: { encoders: ['flac'] },
  });
  await expect(inspect('tone.wav', 'h264-720p')).rejects.toMatchObject({ code: 'NO_VIDEO' });
  await expect(inspect('silent.mkv', 'audio-flac')).rejects.toMatchObject({ code: 'NO_AUDIO' });
});
