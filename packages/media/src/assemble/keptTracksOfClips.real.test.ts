import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderLocally } from '../testing/renderLocally.ts';
import { readBack, readLines } from '../testing/richSource.ts';
import { sharedClips } from '../testing/sharedClips.ts';
import { testRun } from '../testing/testRun.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-clip-tracks-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const clips = new Map(sharedClips('all', ['d18', 'd20', 'd21', 'd22']).map(([name, path]) => [name.slice(0, 3), path]));

async function rendered(clip: string, presetId: string) {
  const path = clips.get(clip) ?? '';
  const settings: Record<string, string> = presetId.startsWith('h264') ? { speed: 'ultrafast' } : {};
  const order = {
    presetId,
    settings,
    chunkSeconds: 4,
    verify: 'seams',
    folder: join(folder, `${clip}-${presetId}`),
  } as const;
  const made = await renderLocally(path, order, run);
  return { ...made, path, found: await readBack(made.outputPath, run) };
}

describe.skipIf(clips.size === 0)('what shared clips have beside picture and sound', () => {
  test.each([
    ['h264-720p', 'mov_text'],
    ['ffv1-archive', 'subrip'],
  ])('d18 as %s: both audio tracks and both subtitle tracks with all their lines', async (presetId, codec) => {
    const { found, manifest, outputPath, path } = await rendered('d18', presetId);
    const sounds = found.streams.filter(({ codec_type }) => codec_type === 'audio');
    expect(sounds.map(({ tags }) => tags?.language)).toEqual(['eng', 'eng']);
    const subtitles = found.streams.filter(({ codec_type }) => codec_type === 'subtitle');
    expect(subtitles.map(({ codec_name, tags }) => [codec_name, tags?.language])).toEqual([
      [codec, 'eng'],
      [codec, 'eng'],
    ]);
    for (const track of [0, 1]) {
      const before = await readLines(path, track, run);
      const after = await readLines(outputPath, track, run);
      expect(before.length).toBeGreaterThan(3);
      expect(after.map(({ text }) => text)).toEqual(before.map(({ text }) => text));
      for (const [at, line] of after.entries()) {
        expect(Math.abs(line.startMs - (before[at]?.startMs ?? -1))).toBeLessThanOrEqual(1);
        expect(Math.abs(line.endMs - (before[at]?.endMs ?? -1))).toBeLessThanOrEqual(1);
      }
    }
    expect(manifest.warnings).toEqual([
      'VIDEO_TRACKS_DROPPED: 320×180, h264 (stream 0): the output holds stream 3.',
      ...manifest.warnings.slice(1).filter((warning) => warning.startsWith('AUDIO_RESAMPLED')),
    ]);
  });

  test.each([
    ['h264-720p', 'mov_text'],
    ['ffv1-archive', 'ass'],
  ])(
    'd20 as %s: a line shown 67 ms before the first frame starts with it and ends when it did',
    async (presetId, codec) => {
      const { found, outputPath } = await rendered('d20', presetId);
      expect(found.streams.find(({ codec_type }) => codec_type === 'subtitle')?.codec_name).toBe(codec);
      expect(await readLines(outputPath, 0, run)).toEqual([
        { startMs: 0, endMs: 433, text: 'This is the first subtitle.' },
      ]);
      expect(found.tags.creation_time).toBe('2016-05-31T17:01:35.000000Z');
    },
  );

  test.each(['h264-720p', 'ffv1-archive'])('d21 as %s: three chapters and where it was recorded', async (presetId) => {
    const { found, manifest } = await rendered('d21', presetId);
    expect(found.chapters).toEqual([
      { startMs: 0, endMs: 201, title: 'Chapter 1' },
      { startMs: 201, endMs: 800, title: 'Chapter 2' },
      { startMs: 800, endMs: 850, title: 'Chapter 3' },
    ]);
    expect(found.tags.location).toBe('+40.6800-074.4999/');
    expect(manifest.warnings).toEqual([]);
  });

  test('d22 as mp4: timecode and creation date; what GoPro stores beside is told as dropped', async () => {
    const { found, manifest } = await rendered('d22', 'h264-720p');
    expect(found.streams.map(({ tags }) => tags?.timecode)).toContain('19:26:48:04');
    expect(found.tags.creation_time).toBe('2017-04-17T19:27:57.000000Z');
    const lost = manifest.fates.filter(({ fate }) => fate === 'dropped').map(({ kind, label }) => `${kind} ${label}`);
    expect(lost).toEqual(['data gpmd', 'data fdsc', 'metadata firmware']);
  });
});
