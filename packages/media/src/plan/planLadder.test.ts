import { hasPicture, type Preset } from '@reelmill/protocol';
import { beforeAll, expect, test } from 'vitest';
import { classesLike } from '../hardware/hardwareClass.ts';
import { applySettings } from '../presets/applySettings.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import { indexOf, plainIdentity, plainInfo, steadyPts } from '../testing/plannedFrames.ts';
import { planLadder } from './planLadder.ts';
import { planRendition } from './planRendition.ts';

let presets: Preset[] = [];
beforeAll(async () => {
  presets = await loadTimedPresets();
});

const sized = (width: number, height: number): MediaInfo => ({
  ...plainInfo,
  video: { ...plainInfo.video, width, height },
});
const facts = (info: MediaInfo) => ({
  info,
  index: indexOf(steadyPts(1500), 30),
  identity: plainIdentity,
  settings: {},
  chunkSeconds: null,
  threads: null,
  toolchainClass: 'test',
  verify: 'seams' as const,
});
const ladder = (ids: readonly string[], info: MediaInfo = sized(1920, 1080)) =>
  planLadder({ ...facts(info), presets: ids.map((id) => findPreset(presets, id)).filter(hasPicture) });

const threeRungs = ['h264-1080p', 'h264-720p', 'h264-480p'];

test('all renditions are cut at the same frames, and share one decode', () => {
  const plans = ladder(threeRungs);
  const cuts = plans.map(({ chunks }) => chunks.map(({ end }) => end));
  expect(plans.map(({ rendition }) => rendition)).toEqual(threeRungs);
  expect(cuts[1]).toEqual(cuts[0]);
  expect(cuts[2]).toEqual(cuts[0]);
  for (const { encodedWith } of plans) expect(encodedWith).toEqual(threeRungs);
  expect(plans.map(({ soundFrom }) => soundFrom)).toEqual([null, 'h264-1080p', 'h264-1080p']);
});

test('one preset is planned as it always was', () => {
  const preset = findPreset(presets, 'h264-720p');
  expect(ladder(['h264-720p'])).toEqual([planRendition({ ...facts(sized(1920, 1080)), preset })]);
});

test('a ladder never upscales, and makes no rung twice: the source is 720 lines high', () => {
  const plans = ladder([...threeRungs, 'webm_720p'], sized(1280, 720));
  expect(plans.map(({ rendition, video }) => [rendition, video.height])).toEqual([
    ['h264-720p', 720],
    ['h264-480p', 480],
    ['webm_720p', 720],
  ]);
  expect(plans[0]?.warnings.join()).toMatch(/RUNG_LEFT_OUT: h264-1080p .* 1280x720/);
});

test('a source smaller than every rung keeps the smallest rung', () => {
  expect(ladder(threeRungs, sized(320, 180)).map(({ rendition }) => rendition)).toEqual(['h264-480p']);
});

test('where encoding costs far more than decoding, renditions stay apart: more nodes can work on them', () => {
  for (const { encodedWith } of ladder(['webm_720p', 'av1-1080p'])) expect(encodedWith).toEqual([]);
});

test('renditions of hardware keep their classes apart, and share no decode', () => {
  const own = { ...facts(sized(1920, 1080)), settings: { encoder: 'hardware' } };
  const hardwareClasses = new Map([
    ['h264-1080p', 'test+h264_qsv.constant-quality'],
    ['h264-720p', 'test+h264_qsv.constant-quality'],
    ['hevc-2160p', 'test+hevc_nvenc.constant-quality-10bit'],
  ]);
  const three = [...hardwareClasses.keys()].map((id) => findPreset(presets, id)).filter(hasPicture);
  const plans = planLadder({ ...own, presets: three, hardwareClasses });
  expect(plans.map(({ video }) => video.encoder)).toEqual(['h264_qsv', 'h264_qsv', 'hevc_nvenc']);
  expect(plans.map(({ toolchainClass }) => toolchainClass)).toEqual([...hardwareClasses.values()]);
  for (const { encodedWith } of plans) expect(encodedWith).toEqual([]);
  const set = three.map((preset) => applySettings(preset, own.settings));
  const again = planLadder({ ...own, presets: three, ...classesLike(set, plans[2]?.toolchainClass ?? '') });
  expect(again.map(({ chunks }) => chunks)).toEqual(plans.map(({ chunks }) => chunks));
});
