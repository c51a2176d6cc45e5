import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyPreset, Preset } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applySettings } from './applySettings.ts';
import { findPreset, loadPresets, loadTimedPresets } from './loadPresets.ts';
import { formatPresetFile, parsePresetFile } from './parsePreset.ts';
import { importPreset, loadAllPresets } from './userPresets.ts';

let builtIn: AnyPreset[] = [];
let films: Preset[] = [];
let folder = '';
beforeAll(async () => {
  builtIn = await loadPresets();
  films = await loadTimedPresets();
  folder = await mkdtemp(join(tmpdir(), 'reelmill-preset-files-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const web = () => findPreset(films, '720p');
/** The text of a preset file with fields changed, named by their paths. */
function fileWith(changes: Readonly<Record<string, unknown>>): string {
  const file: Record<string, unknown> = JSON.parse(formatPresetFile(web()));
  for (const [field, value] of Object.entries(changes)) {
    const names = field.split('.');
    const holder = names.slice(0, -1).reduce((part, name) => part[name] as Record<string, unknown>, file);
    holder[names.at(-1) ?? ''] = value;
  }
  return JSON.stringify(file);
}

test('every built-in preset survives export and import', () => {
  for (const preset of builtIn) expect(parsePresetFile(formatPresetFile(preset), 'x')).toEqual(preset);
});

test.each<[string, Record<string, unknown>]>([
  ['video.rate.bitrate', { 'video.rate.bitrate': '2M' }],
  ['video.speed', { 'video.speed': 'warp' }],
  ['video.box.width', { 'video.box.width': 0 }],
  ['video.filters', { 'video.filters': 'movie=/etc/passwd' }],
  ['video.codec', { 'video.codec': 'wmv' }],
  ['video.codec', { container: 'webm', audio: { codec: 'opus', bitrate: 96_000, maxChannels: 2 } }],
  ['audio.codec', { audio: { codec: 'flac' } }],
  ['video.box', { 'video.fit': 'crop', 'video.box': null }],
  ['video.frameRate', { 'video.frameRate': { num: 1, den: 10 } }],
  ['id', { id: '../etc' }],
  ['schemaVersion', { schemaVersion: 2 }],
  ['audio.loudness.truePeakDb', { 'audio.loudness': { integratedLufs: -23, truePeakDb: 3 } }],
  ['extra', { extra: 1 }],
])('a wrong %s is refused by name', (field, changes) => {
  expect(() => parsePresetFile(fileWith(changes), 'mine.reelpreset')).toThrow(
    expect.objectContaining({
      code: 'PRESET_INVALID',
      message: expect.stringContaining(`mine.reelpreset is not valid: ${field}: `),
      details: { file: 'mine.reelpreset', field },
    }),
  );
});

test('text that is no JSON is refused', () => {
  expect(() => parsePresetFile('{', 'mine.reelpreset')).toThrow(expect.objectContaining({ code: 'PRESET_INVALID' }));
});

test('an imported preset is listed beside the built-in ones, which it can never replace', async () => {
  const mine = parsePresetFile(fileWith({ id: 'mine' }), 'x');
  const file = await importPreset(mine, { folder, replace: false });
  expect(parsePresetFile(await readFile(file, 'utf8'), file)).toEqual(mine);
  expect(await loadAllPresets(folder)).toEqual([...builtIn, mine]);
  await expect(importPreset(mine, { folder, replace: false })).rejects.toThrow(/is there already/);
  await importPreset({ ...mine, name: 'Changed' }, { folder, replace: true });
  expect(findPreset(await loadAllPresets(folder), 'mine').name).toBe('Changed');
  await expect(importPreset(web(), { folder, replace: true })).rejects.toMatchObject({ details: { field: 'id' } });
});

test('a file put there by hand under a built-in id changes nothing; a broken one is named', async () => {
  await writeFile(join(folder, 'a.reelpreset'), fileWith({ name: 'Mine' }));
  expect(findPreset(await loadAllPresets(folder), '720p').name).toBe(web().name);
  await writeFile(join(folder, 'b.reelpreset'), '{"schemaVersion":1}');
  await expect(loadAllPresets(folder)).rejects.toMatchObject({ code: 'PRESET_INVALID', message: /b\.reelpreset/ });
});

test('text in the picture: settings turn it on, wrong ones are named, the archive takes none', () => {
  const { video } = applySettings(web(), { timecode: 'top', 'subtitle-size': '7', subtitle: '2' });
  expect(video).toMatchObject({
    burnTimecode: { position: 'top', sizePercent: 5 },
    burnSubtitle: { track: 2, sizePercent: 7 },
  });
  expect(applySettings(web(), { timecode: 'no', subtitle: 'no' })).toEqual(web());
  const refused = (presetId: string, settings: Record<string, string>) =>
    expect(() => applySettings(findPreset(films, presetId), settings)).toThrow(
      expect.objectContaining({ code: 'PRESET_INVALID' }),
    );
  refused('720p', { timecode: 'yes' });
  refused('720p', { 'timecode-size': '90' });
  refused('720p', { encoder: 'hardware', timecode: 'top' });
  refused('720p', { size: '9MB', encoder: 'hardware' });
  refused('720p', { subtitle: 'movie=/etc/passwd' });
  for (const setting of ['timecode', 'timecode-size', 'subtitle', 'size']) refused('ffv1-archive', { [setting]: '5' });
  const archive = formatPresetFile({ ...findPreset(films, 'ffv1-archive'), id: web().id });
  const drawn = archive.replace('"keepCodedPixels"', '"burnTimecode": {}, "keepCodedPixels"');
  expect(() => parsePresetFile(drawn, 'x')).toThrow(/video\.burnTimecode/);
});

test('settings change what a preset has and nothing else', () => {
  const changed = applySettings(web(), { speed: 'fast', fps: '29.97', deinterlace: 'no', 'tone-map': 'no' });
  const frameRate = { num: 30_000, den: 1001 };
  expect(changed.video).toEqual({ ...web().video, speed: 'fast', frameRate, deinterlace: false, toneMap: false });
  expect(() => applySettings(web(), { crf: '20' })).toThrow(
    /its settings are speed, encoder, deinterlace, tone-map, fps, timecode, .*, size, loudness/,
  );
  const wrong = [
    ['fps', '0'],
    ['fps', '1/0'],
    ['fps', 'many'],
    ['deinterlace', 'maybe'],
    ['loudness', 'loud'],
    ['loudness', '0'],
  ] as const;
  for (const [key, value] of wrong) {
    expect(() => applySettings(web(), { [key]: value })).toThrow(expect.objectContaining({ code: 'PRESET_INVALID' }));
  }
  expect(applySettings(findPreset(films, 'av1-1080p'), { speed: '10', crf: '40' }).video).toMatchObject({
    speed: 10,
    rate: { mode: 'constant-quality', crf: 40 },
  });
});

test('loudness is set or switched off, with the peaks of the preset', () => {
  const loudness = (id: string, value: string) =>
    applySettings(findPreset(films, id), { loudness: value }).audio.loudness;
  expect(loudness('720p', '-16')).toEqual({ integratedLufs: -16, truePeakDb: -1, rangeLu: null });
  expect(loudness('ffv1-archive', '-23')).toMatchObject({ integratedLufs: -23 });
  expect(loudness('h264-1080p-r128', 'off')).toBeNull();
});
