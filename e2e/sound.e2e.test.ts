import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resolveFfmpeg } from '@reelmill/media';
import { InspectLine, SeamProof } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliResult, cliEntry, render, runCli, temporaryFolder } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string): string => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  await makeClip(at('film.mp4'), { seconds: 4, size: '320x180' });
  const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=3', '-c:a', 'pcm_s16le'];
  await promisify(execFile)((await resolveFfmpeg()).ffmpegPath, ['-loglevel', 'error', ...tone, at('tone.wav')]);
});
afterAll(() => folder.remove());

test('a film and a sound file become FLAC, certified, without frames; a second render has the same bytes', async () => {
  const inputs = [at('film.mp4'), at('tone.wav')];
  const first = await render(folder.path, inputs, ['--preset', 'audio-flac', '--out', at('out')]);
  expect(first.code, first.stderr).toBe(0);
  expect(first.jobs).toHaveLength(2);
  for (const job of first.jobs) {
    const plan = { state: 'done', chunks: 0, sourceFrames: null, plan: 'whole' };
    expect(job).toMatchObject({ ...plan, outputs: [{ rendition: 'audio-flac', frames: 0 }] });
  }
  const path = at('out/tone_audio-flac.flac');
  const proof = SeamProof.parse(JSON.parse(await readFile(`${path}.proof.json`, 'utf8')));
  expect(proof).toMatchObject({
    source: { frames: 0 },
    output: { frames: 0, encoder: 'flac', width: null },
    chunks: [],
  });
  expect(proof.audio).toHaveLength(1);
  const env = { REELMILL_DATA: at('data') };
  const verified = await runCli(['verify', '--json', path, at('out/film_audio-flac.flac')], { env });
  expect(verified.lines, verified.stderr).toMatchObject([{ ok: true, frames: 0, chunks: 0 }, { ok: true }]);
  const deep = await runCli(['verify', '--deep', '--json', '--source', at('tone.wav'), path], { env });
  expect(deep.lines, deep.stderr).toMatchObject([{ ok: true, sound: { samples: 144_000, isIdentical: true } }]);
  const again = await render(folder.path, inputs, ['--preset', 'audio-flac', '--out', at('again'), '--fresh']);
  const hashes = ({ jobs }: CliResult) => jobs.map(({ outputs }) => outputs[0]?.sha256).sort();
  expect(hashes(again)).toEqual(hashes(first));
});

test('sound beside a picture is one job: the picture is cut, both are certified', async () => {
  const options = ['--preset', 'h264-320p,audio-wav', '--chunk-seconds', '2', '--out', at('both')];
  const { code, jobs, stderr } = await render(folder.path, [at('film.mp4')], options);
  expect(code, stderr).toBe(0);
  expect(jobs).toMatchObject([
    {
      ...{ state: 'done', plan: 'chunked', chunks: 2, sourceFrames: 100 },
      outputs: [
        { rendition: 'h264-320p', frames: 100 },
        { rendition: 'audio-wav', frames: 0 },
      ],
    },
  ]);
  const outputs = jobs.flatMap((job) => job.outputs.map(({ path }) => path));
  const verified = await runCli(['verify', '--json', ...outputs], { env: { REELMILL_DATA: at('data') } });
  expect(verified.lines, verified.stderr).toMatchObject([
    { ok: true, chunks: 2 },
    { ok: true, chunks: 0 },
  ]);
  const sources = ['--source', at('film.mp4')];
  const deep = await runCli(['verify', '--deep', '--json', ...sources, ...outputs], {
    env: { REELMILL_DATA: at('data') },
  });
  expect(deep.lines, deep.stderr).toMatchObject([
    { ok: true, worst: [{}] },
    { ok: true, sound: { missingSamples: 0 } },
  ]);
});

test('a source without a picture is still refused by presets with one, and inspect says what would be done', async () => {
  const refused = await render(folder.path, [at('tone.wav')], ['--preset', 'h264-480p', '--out', at('refused')]);
  expect(refused).toMatchObject({ code: 1, jobs: [{ state: 'failed', code: 'NO_VIDEO' }] });
  const own = ['--preset', 'audio-aac', '--data', at('no-coordinator')];
  const { lines } = await runCli(['inspect', at('tone.wav'), '--json', ...own]);
  const reports = lines.filter(({ type }) => type === 'inspect').map((line) => InspectLine.parse(line));
  expect(reports.map(({ stage }) => stage)).toEqual(['header', 'index']);
  const { stdout } = await promisify(execFile)(process.execPath, [cliEntry, 'inspect', at('film.mp4'), ...own]);
  expect(stdout).toMatch(/sound +4 s\n/);
  expect(stdout).toMatch(/dropped +320×180, h264: the output holds sound alone/);
});
