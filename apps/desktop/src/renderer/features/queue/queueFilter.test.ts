import type { JobView } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { visibleJobs } from './queueFilter.ts';

const job = (input: string, state: JobView['state']): JobView => ({ input, state }) as unknown as JobView;
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

test('the search looks at the whole path and ignores case', () => {
  expect(inputs(visibleJobs(jobs, 'all', ' ONE '))).toEqual(['/a/One.mov', '/b/one.mp4']);
  expect(inputs(visibleJobs(jobs, 'all', '/b/'))).toEqual(['/b/three.mov', '/b/one.mp4']);
});
