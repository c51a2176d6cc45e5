import type { JobView } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { visibleJobs } from './queueFilter.ts';

const job = (input: string, state: JobView['state'], held = false): JobView =>
  ({ input, state, held }) as unknown as JobView;
const jobs = [
  job('/a/One.mov', 'done'),
  job('/a/two.mov', 'encoding'),
  job('/b/three.mov', 'finishing'),
  job('/b/one.mp4', 'queued'),
];
const inputs = (shown: JobView[]) => shown.map(({ input }) => input);

test('filters keep the order of the queue', () => {
  expect(inputs(visibleJobs(jobs, { filter: 'all', search: '', sort: 'queue' }))).toEqual(inputs(jobs));
  expect(inputs(visibleJobs(jobs, { filter: 'active', search: '', sort: 'queue' }))).toEqual([
    '/a/two.mov',
    '/b/three.mov',
  ]);
  expect(inputs(visibleJobs(jobs, { filter: 'waiting', search: '', sort: 'queue' }))).toEqual(['/b/one.mp4']);
  expect(inputs(visibleJobs(jobs, { filter: 'failed', search: '', sort: 'queue' }))).toEqual([]);
});

test('a held job is neither waiting nor forgotten when it ends', () => {
  const some = [
    job('/a/held.mov', 'queued', true),
    job('/a/begun.mov', 'encoding', true),
    job('/a/over.mov', 'done', true),
  ];
  expect(inputs(visibleJobs(some, { filter: 'waiting', search: '', sort: 'queue' }))).toEqual([]);
  expect(inputs(visibleJobs(some, { filter: 'held', search: '', sort: 'queue' }))).toEqual([
    '/a/held.mov',
    '/a/begun.mov',
  ]);
});

test('the search looks at the whole path and ignores case', () => {
  expect(inputs(visibleJobs(jobs, { filter: 'all', search: ' ONE ', sort: 'queue' }))).toEqual([
    '/a/One.mov',
    '/b/one.mp4',
  ]);
  expect(inputs(visibleJobs(jobs, { filter: 'all', search: '/b/', sort: 'queue' }))).toEqual([
    '/b/three.mov',
    '/b/one.mp4',
  ]);
});

test('check 14: other orders look at what never changes while a job runs', () => {
  const named = (name: string, submittedAt: string, deadline: string | null, percent: number) =>
    ({ ...job(`/a/${name}`, 'encoding'), name, submittedAt, deadline, percent }) as unknown as JobView;
  const some = [
    named('b10', '2026-11-21T10:00:00Z', null, 90),
    named('b9', '2026-11-21T12:00:00Z', '2026-11-22T10:00:00Z', 10),
    named('a', '2026-11-21T11:00:00Z', '2026-11-21T18:00:00Z', 50),
  ];
  const order = (sort: 'name' | 'added' | 'deadline', list = some) =>
    visibleJobs(list, { filter: 'all', search: '', sort }).map(({ name }) => name);
  expect([order('name'), order('added'), order('deadline')]).toEqual([
    ['a', 'b9', 'b10'],
    ['b9', 'a', 'b10'],
    ['a', 'b9', 'b10'],
  ]);
  const later = some.map((one) => ({ ...one, percent: 100 - one.percent, state: 'finishing' }) as JobView);
  expect(order('name', later)).toEqual(order('name'));
});
