import { SubmitRequest } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { pinsOf } from './pinsOf.ts';

const request = (fields: object) =>
  SubmitRequest.parse({ inputs: [{ kind: 'path', path: '/a.mov' }], preset: ['h264-1080p', 'h264-480p'], ...fields });

test('one tag is for all presets of the job; nothing asked, nothing kept', () => {
  expect(pinsOf(request({}))).toEqual({});
  expect(pinsOf(request({ on: 'gpu', spill: 'busy' }))).toEqual({
    pins: { tags: { 'h264-1080p': 'gpu', 'h264-480p': 'gpu' }, spill: 'busy' },
  });
});

test('presets may have a tag each; others go anywhere', () => {
  expect(pinsOf(request({ on: { 'h264-1080p': 'fast' } }))).toEqual({
    pins: { tags: { 'h264-1080p': 'fast' }, spill: 'never' },
  });
});

test('a tag for a preset that is not asked for is refused', () => {
  expect(() => pinsOf(request({ on: { 'h264-720p': 'fast' } }))).toThrow(/h264-720p is to run on fast/);
});
