import type { StillPreset } from '@reelmill/protocol';
import { isStillPreset } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { findPreset, loadPresets } from '../presets/loadPresets.ts';
import { indexOf, plainIdentity, plainInfo, steadyPts } from '../testing/plannedFrames.ts';
import { planStills } from './planStills.ts';
import { stillIndex } from './stillIndex.ts';
import { stillTasks } from './stillTasks.ts';

const presets = await loadPresets();
function plan(
  presetId: string,
  change: { settings?: Record<string, string>; seconds?: number; chunkSeconds?: number } = {},
) {
  const preset = findPreset(presets, presetId);
  if (!isStillPreset(preset)) throw new Error(`${presetId} makes a film`);
  return planStills({
    info: plainInfo,
    index: indexOf(steadyPts(30 * (change.seconds ?? 10)), 30, true),
    identity: plainIdentity,
    preset: preset satisfies StillPreset,
    settings: change.settings ?? {},
    chunkSeconds: change.chunkSeconds ?? null,
    threads: null,
    toolchainClass: 'class',
    verify: 'seams',
  });
}

test('frames: tasks of neighbouring passages, every picture in exactly one, numbered through', () => {
  const manifest = plan('frames-jpeg', { settings: { fps: '5' }, chunkSeconds: 2 });
  const tasks = stillTasks(manifest);
  expect(manifest.plan).toBe('chunked');
  expect(tasks.map(({ frames }) => frames)).toEqual([10, 10, 10, 10, 10]);
  expect(tasks.map(({ spec }) => spec.firstNumber)).toEqual([1, 11, 21, 31, 41]);
  const frames = tasks.flatMap(({ spec }) => spec.passages.flatMap(({ picks }) => picks.map(({ frame }) => frame)));
  expect(frames).toEqual(Array.from({ length: 50 }, (_, at) => at * 6));
  expect(tasks[0]?.spec.passages[0]?.seekSeconds).toBeNull();
  expect(tasks[4]?.spec.passages[0]?.seekSeconds).toBeGreaterThan(6);
});

test('no task has more pictures than a command line holds', () => {
  const tasks = stillTasks(plan('frames-png', { settings: { fps: '30' }, seconds: 60, chunkSeconds: 60 }));
  expect(Math.max(...tasks.map(({ frames }) => frames))).toBeLessThanOrEqual(240);
});

test('a sheet is a task; the cues name its tiles row by row up to the end of the film', () => {
  const manifest = plan('sprites', { settings: { interval: '1', columns: '2', rows: '2', width: '160' } });
  expect(manifest.picture).toMatchObject({ width: 160, height: 90 });
  expect(stillTasks(manifest).map(({ frames }) => frames)).toEqual([4, 4, 2]);
  const { name, text } = stillIndex(manifest);
  const cues = text.trim().split('\n\n');
  expect([name, cues[0], cues.length]).toEqual(['sprites.vtt', 'WEBVTT', 11]);
  expect(cues[4]).toBe('00:00:03.000 --> 00:00:04.000\nsheet_0001.jpg#xywh=160,90,160,90');
  expect(cues[10]).toBe('00:00:09.000 --> 00:00:10.000\nsheet_0003.jpg#xywh=160,0,160,90');
});

test('a thumbnail is one task that tries frames from a tenth of the film on', () => {
  const tasks = stillTasks(plan('thumbnail', { seconds: 100 }));
  expect(tasks).toHaveLength(1);
  expect(tasks[0]?.spec.passages.map(({ picks }) => picks[0]?.frame)).toEqual([300, 750, 1200, 1650, 2100]);
});

test.each([
  ['thumbnail', { fps: '2' }],
  ['frames-jpeg', { quality: '0' }],
  ['frames-jpeg', { fps: '500' }],
  ['sprites', { interval: 'often' }],
  ['preview-gif', { seconds: '60' }],
])('%s refuses %j', (presetId, settings) => {
  expect(() => plan(presetId, { settings: settings as Record<string, string> })).toThrow(
    expect.objectContaining({ code: 'PRESET_INVALID' }),
  );
});

test('more pictures than a folder should hold are refused', () => {
  expect(() => plan('frames-jpeg', { settings: { fps: '30' }, seconds: 9000 })).toThrow(
    expect.objectContaining({ code: 'PRESET_UNSUITABLE' }),
  );
});
