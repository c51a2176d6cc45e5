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
  expect(inputs(visibleJobs(jobs, 'all', ''))).toEqual(inputs(jobs));
  expect(inputs(visibleJobs(jobs, 'active', ''))).toEqual(['/a/two.mov', '/b/three.mov']);
  expect(inputs(visibleJobs(jobs, 'waiting', ''))).toEqual(['/b/one.mp4']);
  expect(inputs(visibleJobs(jobs, 'failed', ''))).toEqual([]);
});

test('a held job is neither waiting nor forgotten when it ends', () => {
  const some = [
    job('/a/held.mov', 'queued', true),
    job('/a/begun.mov', 'encoding', true),
    job('/a/over.mov', 'done', true),
  ];
  expect(inputs(visibleJobs(some, 'waiting', ''))).toEqual([]);
  expect(inputs(visibleJobs(some, 'held', ''))).toEqual(['/a/held.mov', '/a/begun.mov']);
});

test('the search looks at the whole path and ignores case', () => {
  expect(inputs(visibleJobs(jobs, 'all', ' ONE '))).toEqual(['/a/One.mov', '/b/one.mp4']);
  expect(inputs(visibleJobs(jobs, 'all', '/b/'))).toEqual(['/b/three.mov', '/b/one.mp4']);
});
