import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPreset, loadPresets } from './loadPresets.ts';
import { outputName } from './outputName.ts';

test('the presets of the first version are there and valid', async () => {
  const ids = (await loadPresets()).map(({ id }) => id);
  const wanted = ['ffv1-archive', 'h264-1080p', 'h264-480p', 'h264-720p', 'prores-proxy'];
  const ofRowS22 = ['720p', '480p', '360p', '320p', 'webm_720p'];
  expect(ids).toEqual(expect.arrayContaining([...wanted, ...ofRowS22]));
});

test('an unknown preset names the known ones; an invalid file names itself', async () => {
  const presets = await loadPresets();
  expect(() => findPreset(presets, 'h264-4k')).toThrow(/h264-720p/);
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-presets-'));
  await writeFile(join(folder, 'broken.json'), '{"id":"x"}');
  await expect(loadPresets(folder)).rejects.toMatchObject({ code: 'PRESET_INVALID', message: /broken\.json/ });
  await rm(folder, { recursive: true });
});

const preset = { id: 'h264-720p', container: 'mp4' } as Parameters<typeof outputName>[1];

test.each([
  ['/films/Holiday 2026.mov', 'Holiday 2026_h264-720p.mp4'],
  ['-video_track_timescale.mp4', 'video_track_timescale_h264-720p.mp4'],
  ['/films/.hidden', 'hidden_h264-720p.mp4'],
  ['/films/a:b|c?.mkv', 'a_b_c__h264-720p.mp4'],
  ["te[s]t_ video ' _ .flv", "te[s]t_ video ' __h264-720p.mp4"],
  ['CON.mp4', 'video_CON_h264-720p.mp4'],
  ['....mp4', 'video_h264-720p.mp4'],
])('%s becomes %s', (source, wanted) => {
  expect(outputName(source, preset)).toBe(wanted);
});

test('long names are cut at whole characters and stay within 240 bytes', () => {
  const name = outputName(`${'ü'.repeat(300)}.mp4`, preset);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(240);
  expect(name).toMatch(/^ü+_h264-720p\.mp4$/);
});
