import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AudioReport, ResolvedAudio } from '../manifest.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import { probeSource } from '../probe/probeSource.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { makeFlashAndClick } from '../testing/flashAndClick.ts';
import { sharedClips } from '../testing/sharedClips.ts';
import { testRun } from '../testing/testRun.ts';
import { encodeAudio } from './encodeAudio.ts';
import { resolveAudio } from './resolveAudio.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-audio-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Encoded {
  readonly audio: ResolvedAudio;
  readonly report: AudioReport;
  readonly outputPath: string;
}

async function encode(path: string, info: MediaInfo, presetId: string): Promise<Encoded> {
  const preset = findPreset(await loadTimedPresets(), presetId);
  const { audio } = resolveAudio({ tracks: info.audioTracks, preset, firstVideoSeconds: 0 });
  if (!audio) throw new Error('no sound');
  const outputPath = join(folder, `${basename(path)}.${preset.container}`);
  const spec = { kind: 'audio', demuxer: info.demuxer, audio } as const;
  return { audio, report: await encodeAudio(spec, { sourcePath: path, outputPath }, run), outputPath };
}

/** MD5 of the decoded samples as 64-bit floats: holds every sample format. */
async function samplesOf(path: string, stream: string): Promise<string> {
  const args = ['-i', path, '-map', stream, '-c:a', 'pcm_f64le', '-f', 'md5', '-'];
  return (await runFfmpeg(args, run)).stdout.trim();
}

describe.each(sharedClips('with-audio'))('the sound of %s', (_, path) => {
  test('keeps every decoded sample in the archive', async () => {
    const { audio, outputPath } = await encode(path, await probeSource(path, run), 'ffv1-archive');
    expect(await samplesOf(outputPath, '0:a:0')).toBe(await samplesOf(path, `0:${audio.streamIndex}`));
  });

  test('becomes AAC that starts at 0 and is as long as what decodes', async () => {
    const info = await probeSource(path, run);
    const archive = await encode(path, info, 'ffv1-archive');
    const { report } = await encode(path, info, 'h264-720p');
    expect(Math.abs(report.durationSeconds - archive.report.durationSeconds)).toBeLessThan(0.03);
  });
});

test('the same sound encoded twice gives the same bytes', async () => {
  const path = join(folder, 'film.mp4');
  await makeFlashAndClick(path, ['-c:a', 'aac'], run);
  const info = await probeSource(path, run);
  const hashes: string[] = [];
  for (let round = 0; round < 2; round += 1) {
    const { outputPath } = await encode(path, info, 'h264-720p');
    hashes.push((await runFfmpeg(['-i', outputPath, '-c', 'copy', '-f', 'md5', '-'], run)).stdout);
  }
  expect(hashes[1]).toBe(hashes[0]);
});

test('a track that does not decode at all is an error, not silence', async () => {
  const path = join(folder, 'film.mp4');
  await makeFlashAndClick(path, ['-c:a', 'aac'], run);
  const info = await probeSource(path, run);
  const { audio } = await encode(path, info, 'h264-720p');
  const past = { ...audio, filters: ['atrim=start=100', ...audio.filters] };
  const files = { sourcePath: path, outputPath: join(folder, 'nothing.mp4') };
  await expect(encodeAudio({ kind: 'audio', demuxer: 'mov', audio: past }, files, run)).rejects.toMatchObject({
    code: 'DECODE_FAILED',
  });
});
