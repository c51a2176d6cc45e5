import fc from 'fast-check';
import { expect, test } from 'vitest';
import { burnInFilters } from './burnInFilters.ts';
import { filterValue } from './filterValue.ts';
import { frameOfTimecode, timecodeOfFrame } from './timecode.ts';
import { timecodeClock } from './timecodeClock.ts';

const ntsc = { framesPerSecond: 30, dropFrame: true };
const ntsc60 = { framesPerSecond: 60, dropFrame: true };
const film = { framesPerSecond: 24, dropFrame: false };

test.each([
  // SMPTE ST 12-1: minutes begin with frame 2 at 29.97 and 4 at 59.94, but every tenth with 0
  [0, ntsc, '00:00:00;00'],
  [1799, ntsc, '00:00:59;29'],
  [1800, ntsc, '00:01:00;02'],
  [17_981, ntsc, '00:09:59;29'],
  [17_982, ntsc, '00:10:00;00'],
  [107_892, ntsc, '01:00:00;00'],
  [2_589_408, ntsc, '00:00:00;00'],
  [3599, ntsc60, '00:00:59;59'],
  [3600, ntsc60, '00:01:00;04'],
  [35_964, ntsc60, '00:10:00;00'],
  [24 * 3600, film, '01:00:00:00'],
  [24 * 86_400 - 1, film, '23:59:59:23'],
  [24 * 86_400, film, '00:00:00:00'],
] as const)('frame %i is %s', (frame, count, timecode) => {
  expect(timecodeOfFrame(frame, count)).toBe(timecode);
});

test('a name leads back to its frame', () => {
  const anyCount = fc.constantFrom(ntsc, ntsc60, film, { framesPerSecond: 25, dropFrame: false });
  fc.assert(
    fc.property(anyCount, fc.nat({ max: 2_000_000 }), (count, frame) => {
      expect(frameOfTimecode(timecodeOfFrame(frame, count), count)).toBe(frame);
    }),
  );
});

test.each([
  ['29.97 without timecode drops', null, 29.97, { kind: 'frames', startFrame: 0, ...ntsc }],
  ['59.94 too', null, 59.94, { kind: 'frames', startFrame: 0, ...ntsc60 }],
  ['30 does not', null, 30, { kind: 'frames', startFrame: 0, framesPerSecond: 30, dropFrame: false }],
  [
    'the source decides',
    '01:00:00:00',
    29.97,
    { kind: 'frames', startFrame: 108_000, framesPerSecond: 30, dropFrame: false },
  ],
  ['and its hour is an hour', '01:00:00;00', 29.97, { kind: 'frames', startFrame: 107_892, ...ntsc }],
  ['23.976 counts as 24', '10:00:00:00', 23.976, { kind: 'frames', startFrame: 864_000, ...film }],
  ['no steady rate: by time', '00:00:10:12', null, { kind: 'time', startMilliseconds: 10_480 }],
  ['12.5 cannot be counted', null, 12.5, { kind: 'time', startMilliseconds: 0 }],
] as const)('clock: %s', (_, timecode, rate, wanted) => {
  expect(timecodeClock(timecode, rate, 25)).toEqual(wanted);
});

test('a chunk names its first frame and draws on the clock of the film', () => {
  const timecode = {
    clock: timecodeClock('01:00:00:00', 25, 25),
    position: 'bottom-left',
    fontPixels: 36,
    marginPixels: 29,
    color: 'ffffff',
  } as const;
  const files = { fontPath: "/a:b/it's.ttf", fontsFolder: '/a:b', subtitlePath: null, pictures: null };
  const filters = burnInFilters({ firstPts: 100, timecode, subtitle: null }, { first: 50, firstPts: 25_700 }, files);
  expect(filters).toEqual([
    'setpts=PTS+25600',
    String.raw`drawtext=fontfile=/a\\:b/it\\\'s.ttf:timecode=01\\:00\\:02\\:00:timecode_rate=25:tc24hmax=1:fontsize=36:` +
      'fontcolor=0xffffff:box=1:boxcolor=black@0.6:boxborderw=7:x=36:y=h-36-ascent',
    'setpts=PTS-25600',
  ]);
});

test('a value is escaped for the filter and for the graph', () => {
  expect(filterValue(String.raw`a:b'c\d[e],f;g`)).toBe(String.raw`a\\:b\\\'c\\\\d\[e\]\,f\;g`);
});
