import { expect, test } from 'vitest';
import { appleChapters, chapterCues } from './packageChapters.ts';

const chapters = [
  { startSeconds: 0, endSeconds: 61.25, title: 'Tom & <Jerry>\nagain' },
  { startSeconds: 61.25, endSeconds: 90, title: null },
];

test('WebVTT: nothing of a title is a mark or ends its cue; one without a title gets its number', () => {
  expect(chapterCues(chapters)).toEqual([
    { startMs: 0, endMs: 61_250, text: 'Tom &amp; &lt;Jerry&gt; again' },
    { startMs: 61_250, endMs: 90_000, text: 'Chapter 2' },
  ]);
});

test('the file for HLS: numbers from 1, seconds, a title each', () => {
  expect(JSON.parse(appleChapters(chapters))).toEqual([
    {
      ...{ chapter: 1, 'start-time': 0, duration: 61.25 },
      titles: [{ language: 'und', title: 'Tom & <Jerry> again' }],
    },
    { chapter: 2, 'start-time': 61.25, duration: 28.75, titles: [{ language: 'und', title: 'Chapter 2' }] },
  ]);
});
