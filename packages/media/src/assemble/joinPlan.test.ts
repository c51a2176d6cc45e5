import { expect, test } from 'vitest';
import type { Chunk, ResolvedAudio } from '../manifest.ts';
import { noLabels } from '../probe/sourceExtras.ts';
import { concatList } from './concatList.ts';
import {
  audioDelaySeconds,
  lastFrame,
  movieTimescale,
  phaseMicroseconds,
  plannedTicks,
  videoDelaySeconds,
} from './joinTimeline.ts';

const chunk = (index: number, durationTicks: number, deltas: Chunk['deltas']): Chunk => ({
  index,
  first: 0,
  end: 1,
  seekSeconds: null,
  trimStartPts: null,
  trimEndPts: null,
  firstPts: 0,
  durationTicks,
  deltas,
});
const mp4 = { video: { chunkContainer: 'mp4' } } as const;
const audio = (offsetSeconds: number): ResolvedAudio => ({
  streamIndex: 1,
  encoder: 'aac',
  encoderArgs: [],
  filters: [],
  container: 'mp4',
  channels: 2,
  startSeconds: 0,
  offsetSeconds,
  durationSeconds: 1,
  sampleRate: 48000,
  labels: noLabels,
  loudness: null,
});

test('the earliest of sound and picture starts at 0, the others keep their distance', () => {
  const delays = (offsets: number[]) => {
    const [main = null, ...moreAudio] = offsets.map(audio);
    const manifest = { audio: main, moreAudio };
    return [videoDelaySeconds(manifest), ...offsets.map((offset) => audioDelaySeconds(manifest, audio(offset)))];
  };
  expect(delays([0.5])).toEqual([0, 0.5]);
  expect(delays([-0.08])).toEqual([0.08, 0]);
  expect(delays([])).toEqual([0]);
  expect(delays([0.25, -0.5])).toEqual([0.5, 0.75, 0]);
});

test('planned times continue across chunks by the distance between their first frames', () => {
  const chunks = [
    chunk(0, 50, [
      [10, 2],
      [5, 1],
    ]),
    chunk(1, 7, []),
  ];
  expect([...plannedTicks({ chunks })]).toEqual([0, 10, 20, 25, 50]);
});

test('the last frame lasts to the end of the plan', () => {
  const chunks = [chunk(0, 50, [[10, 4]]), chunk(1, 100, [[10, 2]])];
  expect(lastFrame({ chunks, timeBase: { num: 1, den: 10 } })).toEqual({ durationSeconds: 8, midpointSeconds: 6.5 });
  const single = lastFrame({ chunks: [chunk(0, 5, [])], timeBase: { num: 1, den: 10 } });
  expect(single.durationSeconds).toBe(0.5);
  expect(single.midpointSeconds).toBeLessThan(0);
});

test('durations are rounded as a sum: 1000 chunks drift less than a microsecond', () => {
  const chunks = Array.from({ length: 1000 }, (_, index) => chunk(index, 1001, []));
  const list = concatList(
    { ...mp4, chunks, timeBase: { num: 1, den: 30000 } },
    chunks.map(() => 'seg.mp4'),
  );
  const microseconds = [...list.matchAll(/^duration (\d+)\.(\d{6})$/gm)].map((match) =>
    Number(`${match[1]}${match[2]}`),
  );
  expect(microseconds.length).toBe(1000);
  const sum = microseconds.reduce((left, right) => left + right, 0);
  expect(Math.abs(sum - (1000 * 1001 * 1_000_000) / 30000)).toBeLessThan(1);
});

test('Matroska chunks lie on whole milliseconds, each as near to its time as can be', () => {
  const timeBase = { num: 1, den: 600 };
  const chunks = [chunk(0, 1001, []), chunk(1, 1001, []), chunk(2, 1001, [])];
  const list = concatList({ video: { chunkContainer: 'mkv' }, chunks, timeBase }, ['a', 'b', 'c']);
  expect([...list.matchAll(/^duration (.*)$/gm)].map((match) => match[1])).toEqual([
    '1.668000',
    '1.669000',
    '1.668000',
  ]);
  expect([0, 1001, 2002].map((ticks) => phaseMicroseconds(ticks, timeBase))).toEqual([0, 333, 667]);
});

test('paths with quotes, spaces and leading dashes are quoted', () => {
  const list = concatList({ ...mp4, chunks: [chunk(0, 1, [])], timeBase: { num: 1, den: 1 } }, [
    "/tmp/te[s]t_ video ' _.mp4",
  ]);
  expect(list).toContain("file 'file:/tmp/te[s]t_ video '\\'' _.mp4'\nduration 1.000000\n");
});

test.each([
  [25, 90000],
  [600, 90000],
  [12800, 102400],
  [90000, 90000],
  [1_000_000, 1_000_000],
])('edit lists of a track with %i ticks a second count in 1/%i s', (den, expected) => {
  expect(movieTimescale({ num: 1, den })).toBe(expected);
});
