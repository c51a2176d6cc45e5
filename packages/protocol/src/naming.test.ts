import { expect, test } from 'vitest';
import { fillName, nameTemplateFault } from './naming.ts';

const facts = { source: 'REEL_A_v7', preset: 'h264-1080p', folder: 'Day 1', counter: 7, at: '2026-11-21T18:04:05' };

test.each([
  ['{source}_{preset}', 'REEL_A_v7_h264-1080p'],
  ['{date}_{counter}_{source}', '2026-11-21_007_REEL_A_v7'],
  ['{folder} {time}', 'Day 1 180405'],
  ['final', 'final'],
])('check 36: %s is the name %s', (template, name) => {
  expect(nameTemplateFault(template)).toBe(null);
  expect(fillName(template, facts)).toBe(name);
});

test.each(['{width}', '{Source}', '{source', 'a}b', '../{source}', 'a\\b', '', '  ', 'x'.repeat(201), 'a:b'])(
  'check 36: the template %j is refused with a sentence',
  (template) => {
    expect(nameTemplateFault(template)).toMatch(/^.{5,}\.$/);
  },
);

test('a name is safe whatever the source is called, and its other parts stay whole', () => {
  const name = fillName('{source}_{preset}', { ...facts, source: 'ü'.repeat(300) }, 4);
  expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(236);
  expect(name.endsWith('_h264-1080p')).toBe(true);
  expect(fillName('{source}', { ...facts, source: 'CON' })).toBe('video_CON');
  expect(fillName('-{source}', { ...facts, source: '..' })).toBe('video');
});
