import { type AttemptView, type ChunkView, RenditionId, TaskId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { layOutMap, stepTo } from './chunkLayout.ts';
import { layOutTimeline, timeTicks } from './timelineLayout.ts';

const chunk = (index: number, rendition = 'h264', chunkIndex = index): ChunkView => ({
  index,
  rendition: RenditionId.parse(rendition),
  chunkIndex,
  firstFrame: chunkIndex * 50,
  endFrame: chunkIndex * 50 + 50,
  state: 'waiting',
  attempt: 0,
  node: null,
  percent: 0,
  fps: 0,
});
const film = (count: number): ChunkView[] => Array.from({ length: count }, (_, index) => chunk(index));

test('every chunk has a cell of its own, at the place of its time', () => {
  const one = layOutMap(film(10), { perFrame: 1 / 25, width: 800 });
  expect(one.cells.map(({ x, y }) => [x, y])).toEqual(Array.from({ length: 10 }, (_, index) => [index * 80, 0]));
  const long = layOutMap(film(400), { perFrame: 1 / 25, width: 800 });
  expect(long.cells).toHaveLength(400);
  expect(new Set(long.cells.map(({ x, y }) => `${x} ${y}`)).size).toBe(400);
  expect(long.rows.map(({ fromSeconds }) => fromSeconds)).toEqual([0, 120, 240, 360, 480, 600, 720]);
  expect(Math.min(...long.cells.map(({ width }) => width))).toBeGreaterThanOrEqual(9);
});

test('arrows go along the film and to the row above and below, and stay inside', () => {
  const { cells } = layOutMap(film(400), { perFrame: 1 / 25, width: 800 });
  expect(stepTo(cells, 5, 'ArrowRight')).toBe(6);
  expect(stepTo(cells, 0, 'ArrowLeft')).toBe(0);
  expect(stepTo(cells, 5, 'ArrowDown')).toBe(65);
  expect(stepTo(cells, 65, 'ArrowUp')).toBe(5);
  expect(stepTo(cells, 5, 'ArrowUp')).toBe(5);
  expect(stepTo(cells, 5, 'End')).toBe(399);
  expect(stepTo(cells, 5, 'x')).toBeNull();
});

test('each rendition begins a row of its own', () => {
  const both = [...film(3), ...[0, 1, 2].map((index) => chunk(3 + index, 'small', index))];
  const { cells, rows } = layOutMap(both, { perFrame: 1 / 25, width: 300 });
  expect(rows.map(({ rendition }) => rendition)).toEqual(['h264', 'small']);
  expect(stepTo(cells, 1, 'ArrowDown')).toBe(4);
});

const at = (second: number): string => new Date(second * 1000).toISOString();
const attempt = (number: number, node: string, change: Partial<AttemptView>): AttemptView => ({
  taskId: TaskId.parse('J-aaaaaaaaaa/h264/encode-0000'),
  kind: 'encode',
  rendition: null,
  chunkIndex: 0,
  attempt: number,
  nodeId: 'house',
  node,
  state: 'completed',
  grantedAt: at(0),
  steps: [],
  endedAt: null,
  reason: null,
  error: null,
  ...change,
});

test('check 26: the bar of a lost attempt stays, and the next one has a bar of its own', () => {
  const lost = attempt(1, 'mini-2', { state: 'lost', grantedAt: at(10), endedAt: at(31), reason: 'expired' });
  const again = attempt(2, 'tower', { state: 'running', grantedAt: at(32), steps: [{ step: 'encode', at: at(33) }] });
  const rows = layOutTimeline([lost, again], { fromMs: 0, untilMs: 60_000, nowMs: 60_000 });
  expect(rows.map(({ node }) => node)).toEqual(['mini-2', 'tower']);
  expect(rows[0]?.bars[0]).toMatchObject({ fromMs: 10_000, untilMs: 31_000, attempt: { state: 'lost' } });
  expect(rows[1]?.bars[0]).toMatchObject({ fromMs: 33_000, untilMs: 60_000, attempt: { attempt: 2 } });
});

test('what a node does at the same time lies side by side, what is over is not in the window', () => {
  const two = [attempt(1, 'a', { endedAt: at(20) }), attempt(2, 'a', { grantedAt: at(5), endedAt: at(9) })];
  const rows = layOutTimeline(two, { fromMs: 0, untilMs: 60_000, nowMs: 60_000 });
  expect(rows[0]?.lanes).toBe(2);
  expect(layOutTimeline(two, { fromMs: 30_000, untilMs: 60_000, nowMs: 60_000 })[0]?.bars).toEqual([]);
});

test('the axis has whole instants', () => {
  expect(timeTicks(1_500, 61_500, 6)).toEqual([10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
});
