import { applySettings, findPreset, loadTimedPresets } from '@reelmill/media';
import { SubmitRequest } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { packageOrder } from './packageOrder.ts';

const presets = await loadTimedPresets();
const order = (ids: readonly string[], asked: object, settings: Record<string, string> = {}) =>
  packageOrder(
    SubmitRequest.parse({ inputs: [{ kind: 'path', path: '/film.mov' }], preset: [...ids], ...asked }),
    ids.map((id) => applySettings(findPreset(presets, id), settings)),
  );

test('segments last four seconds unless named; without a package there is none', () => {
  const ids = ['h264-720p', 'hevc-2160p', 'av1-1080p', '360p'];
  expect(order(ids, { package: 'hls' })).toEqual({ kind: 'hls', segmentSeconds: 4 });
  expect(order(ids, { package: 'dash', segmentSeconds: 2 })).toEqual({ kind: 'dash', segmentSeconds: 2 });
  expect(order(['prores-422'], {})).toBeNull();
  expect(order(['prores-422'], { package: null, segmentSeconds: null })).toBeNull();
});

test.each([
  [['h264-720p', 'webm_720p'], {}, /webm_720p writes webm with vp9/],
  [['ffv1-archive'], {}, /ffv1-archive writes mkv/],
  [['h264-720p'], { encoder: 'hardware' }, /by hardware/],
])('%j with %j is refused by name', (ids, settings, sentence) => {
  expect(() => order(ids, { package: 'hls-dash' }, settings)).toThrow(sentence);
});

test('a segment length is refused without a package, and one beyond its range', () => {
  expect(() => order(['h264-720p'], { segmentSeconds: 2 })).toThrow(/ask for one/);
  expect(() => order(['h264-720p'], { package: 'hls', segmentSeconds: 0.5 })).toThrow();
});
