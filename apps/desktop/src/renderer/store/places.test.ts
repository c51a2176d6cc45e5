import type { JobId, JobPosition, JobView } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { type Direction, movesOf, placesOf, positionBack } from './places.ts';

type Row = Pick<JobView, 'jobId' | 'priority' | 'state'>;
const row = (jobId: string): Row => ({ jobId: jobId as JobId, priority: 'normal', state: 'queued' });
const rows = (text: string): Row[] => [...text].map(row);
const text = (jobs: readonly Row[]): string => jobs.map(({ jobId }) => jobId).join('');

/** As the coordinator would. */
function put(jobs: readonly Row[], jobId: JobId, position: JobPosition): Row[] {
  const rest = jobs.filter((job) => job.jobId !== jobId);
  if (position === 'top') return [row(jobId), ...rest];
  if (position === 'bottom') return [...rest, row(jobId)];
  const anchor = 'before' in position ? position.before : position.after;
  const at = rest.findIndex((job) => job.jobId === anchor) + ('before' in position ? 0 : 1);
  return [...rest.slice(0, at), row(jobId), ...rest.slice(at)];
}
const moved = (jobs: readonly Row[], which: string, direction: Direction): Row[] =>
  movesOf(jobs, [...which] as JobId[], direction).reduce((list, one) => put(list, one.jobId, one.position), [...jobs]);

test.each<[string, Direction, string]>([
  ['c', 'up', 'acbdef'],
  ['a', 'up', 'abcdef'],
  ['c', 'down', 'abdcef'],
  ['bc', 'down', 'adbcef'],
  ['cd', 'up', 'acdbef'],
  ['bd', 'up', 'bdacef'],
  ['ce', 'top', 'ceabdf'],
  ['ab', 'bottom', 'cdefab'],
])('check 15: of abcdef, %s moved %s is %s', (which, direction, wanted) => {
  expect(text(moved(rows('abcdef'), which, direction))).toBe(wanted);
});

test('a move is taken back, also when its neighbours are gone', () => {
  const before = rows('abcdef');
  const ids = ['b', 'd'] as JobId[];
  const places = placesOf(before, ids);
  const back = (now: readonly Row[]) =>
    places.reduce((list, place) => put(list, place.jobId, positionBack(place, list) ?? 'bottom'), [...now]);
  expect(text(back(moved(before, 'bd', 'bottom')))).toBe('abcdef');
  expect(text(back(rows('efbd')))).toBe('bdef');
});

test('ended jobs are not moved and are not in the way', () => {
  const jobs = [row('a'), { ...row('b'), state: 'done' as const }, row('c')];
  expect(movesOf(jobs, ['c'] as JobId[], 'up')).toEqual([{ jobId: 'c', position: { before: 'a' } }]);
  expect(movesOf(jobs, ['b'] as JobId[], 'up')).toEqual([]);
});
