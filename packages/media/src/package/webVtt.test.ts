import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cuesOfSegments, cuesOfSubRip, webVttFile, webVttSegment } from './webVtt.ts';

test('marks stay marks, text stays text, places and fonts go', () => {
  const file = [
    ...['1', '00:00:00,500 --> 00:00:01,500', '<i>Tom</i> & <b>"J"</b> say a < b --> c', ''],
    ...['2', '00:00:02,000 --> 01:00:02,750', '{\\an8}<font color="#ff0000">red</font>', '', '<s>second</s> line', ''],
    ...['3', '00:00:03,000 --> 00:00:03,500', '', ''],
  ].join('\r\n');
  expect(cuesOfSubRip(file)).toEqual([
    { startMs: 500, endMs: 1500, text: '<i>Tom</i> &amp; <b>"J"</b> say a &lt; b --&gt; c' },
    { startMs: 2000, endMs: 3_602_750, text: 'red\nsecond line' },
  ]);
});

test('a whole file tells the clock of the rendition, a segment ties it to the media', () => {
  const cue = { startMs: 3_723_004, endMs: 3_724_000, text: 'late' };
  expect(webVttFile([cue])).toBe('WEBVTT\n\n01:02:03.004 --> 01:02:04.000\nlate\n\n');
  expect(webVttSegment([])).toBe('WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\n');
});

test('a cue stands in every segment it is shown in, and none is lost', () => {
  const anyCue = fc
    .tuple(fc.nat(9000), fc.integer({ min: 1, max: 5000 }))
    .map(([startMs, lengthMs]) => ({ startMs, endMs: startMs + lengthMs, text: 'x' }));
  fc.assert(
    fc.property(fc.array(anyCue, { maxLength: 9 }), (cues) => {
      const starts = [40, 2000, 4000, 6000];
      const segments = cuesOfSegments(cues, starts);
      for (const cue of cues) {
        const held = segments.flatMap((segment, at) => (segment.includes(cue) ? [at] : []));
        const from = Math.max(
          0,
          starts.findLastIndex((start) => start <= cue.startMs),
        );
        const until = Math.max(
          0,
          starts.findLastIndex((start) => start < cue.endMs),
        );
        expect(held).toEqual(Array.from({ length: until - from + 1 }, (_, at) => from + at));
      }
    }),
  );
});
