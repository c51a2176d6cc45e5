import type { JobView } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { type FarmNews, firstWanted, grouped, newsBetween, newsGatherer, statesOf } from './farmNews.ts';

const job = (jobId: string, state: JobView['state'], cause?: string) =>
  ({ jobId, name: `${jobId}.mov`, state, error: cause === undefined ? null : { cause } }) as unknown as JobView;
const farm = (...jobs: JobView[]) => ({ jobs });

test('what ended since the last look is news; what was over before, or is new here, is not', () => {
  const before = statesOf(farm(job('a', 'encoding'), job('b', 'done'), job('c', 'queued'), job('d', 'encoding')));
  const after = farm(
    job('a', 'done'),
    job('b', 'done'),
    job('c', 'failed', 'No disk.'),
    job('d', 'encoding'),
    job('e', 'failed'),
  );
  expect(newsBetween(before, after)).toEqual([
    { kind: 'done', jobId: 'a', text: 'a.mov is done.' },
    { kind: 'failed', jobId: 'c', text: 'c.mov: No disk.' },
  ]);
});

test('the end of the last open job empties the queue; taking the last one off it does not', () => {
  const before = statesOf(farm(job('a', 'encoding')));
  expect(newsBetween(before, farm(job('a', 'done'))).map(({ kind }) => kind)).toEqual(['done', 'queue-empty']);
  expect(newsBetween(before, farm())).toEqual([]);
});

test('check 41: ten ends in five seconds are one notification, whose click opens the first failure', () => {
  const told: (readonly FarmNews[])[] = [];
  const timers: { run: () => void; ms: number }[] = [];
  const gather = newsGatherer((news) => told.push(news), {
    gatherMs: 10_000,
    schedule: (run, ms) => void timers.push({ run, ms }),
  });
  for (let at = 0; at < 10; at += 1) {
    gather([{ kind: at === 7 ? 'failed' : 'done', jobId: `job-${at}`, text: `${at}` }]);
  }
  expect(timers.map(({ ms }) => ms)).toEqual([10_000]);
  timers[0]?.run();
  expect(told).toHaveLength(1);
  const all = { ...firstWanted, done: true };
  expect(grouped(told[0] ?? [], all)).toEqual({ title: 'Reelmill: 1 failed, 9 done', body: '7', jobId: 'job-7' });
  expect(grouped(told[0] ?? [], firstWanted)).toEqual({ title: 'Reelmill: 1 failed', body: '7', jobId: 'job-7' });
  gather([{ kind: 'done', jobId: 'later', text: '' }]);
  expect(timers).toHaveLength(2);
});

test('what nobody wants to hear is not told', () => {
  expect(grouped([{ kind: 'done', jobId: 'a', text: '' }], firstWanted)).toBeNull();
});
