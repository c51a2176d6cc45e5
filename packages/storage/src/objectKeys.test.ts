import { JobId, RenditionId, TaskId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { assertObjectKey, assertObjectPrefix, isObjectKey, objectKeys, safeSegment } from './objectKeys.ts';

const jobId = JobId.parse('J-abcdefghi2');
const rendition = RenditionId.parse('h264-720p');

test('the layout of the store is the documented one', () => {
  expect([
    objectKeys.jobPrefix(jobId),
    objectKeys.sourceUpload(jobId, 'Holiday 2024.MOV'),
    objectKeys.sourceManifest(jobId),
    objectKeys.frame(jobId, rendition, 'thumb.jpg'),
    objectKeys.attempt(TaskId.parse(`${jobId}/h264-720p/encode-0012`), 3, { random: 'k3j9x2ab', name: 'chunk.mp4' }),
    objectKeys.segment(jobId, rendition, { index: 12, extension: 'mp4' }),
    objectKeys.segment(jobId, rendition, { index: 12_345, extension: 'mkv' }),
    objectKeys.audio(jobId, rendition, { name: 'audio', extension: 'mp4' }),
    objectKeys.joined(jobId, rendition, 'mp4'),
    objectKeys.encoded(jobId, rendition, 'mp4'),
  ]).toEqual([
    'videos/J-abcdefghi2/',
    'videos/J-abcdefghi2/source/Holiday_2024.MOV',
    'videos/J-abcdefghi2/manifests/source.json',
    'videos/J-abcdefghi2/frames/h264-720p/thumb.jpg',
    'videos/J-abcdefghi2/attempts/h264-720p-encode-0012/3-k3j9x2ab/chunk.mp4',
    'videos/J-abcdefghi2/outputs/h264-720p/segments/seg_0012.mp4',
    'videos/J-abcdefghi2/outputs/h264-720p/segments/seg_12345.mkv',
    'videos/J-abcdefghi2/outputs/h264-720p/audio.mp4',
    'videos/J-abcdefghi2/outputs/h264-720p/joined.mp4',
    'encoded/J-abcdefghi2_h264-720p.mp4',
  ]);
});

test('all but finished files lies under the prefix of the job', () => {
  const task = TaskId.parse(`${jobId}/probe`);
  for (const key of [
    objectKeys.sourceManifest(jobId),
    objectKeys.attempt(task, 1, { random: 'a', name: 'b' }),
    objectKeys.audio(jobId, rendition, { name: 'audio', extension: 'mkv' }),
  ]) {
    expect(key.startsWith(objectKeys.jobPrefix(jobId))).toBe(true);
  }
  expect(objectKeys.encoded(jobId, rendition, 'mp4').startsWith('videos/')).toBe(false);
});

test.each([
  '',
  '/',
  '/a',
  'a/',
  'a//b',
  '..',
  'a/../b',
  './a',
  '.hidden',
  'a/.b',
  'a\\b',
  'a\0b',
  'a b',
  'ä',
  '-rf',
  'C:/x',
  'a'.repeat(513),
])('the key %j is refused', (key) => {
  expect(isObjectKey(key)).toBe(false);
  expect(() => assertObjectKey(key)).toThrow(/not an object key/);
});

test('a prefix may be empty or end with a slash, but never climb', () => {
  for (const prefix of ['', 'videos/', 'videos/J-abcdefghi2/outputs/x/segments/seg_']) assertObjectPrefix(prefix);
  for (const prefix of ['/', '../', 'videos/../', 'a//']) expect(() => assertObjectPrefix(prefix)).toThrow(/prefix/);
});

test.each([
  ['../../etc/passwd', '_/etc/passwd'.replaceAll('/', '_')],
  ['.env', '_env'],
  ['', '_'],
  ['  ', '_'],
  ['Ünïcode 映画.mkv', 'U_ni_code_.mkv'],
])('the file name %j becomes one safe segment', (name, expected) => {
  const segment = safeSegment(name);
  expect(isObjectKey(segment)).toBe(true);
  expect(segment).not.toContain('/');
  if (name === '.env') expect(segment).toBe(expected);
});

test('a very long file name keeps its extension', () => {
  expect(safeSegment(`${'x'.repeat(300)}.mp4`)).toMatch(/^x{116}\.mp4$/);
});
