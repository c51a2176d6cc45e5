import type { JobView } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { groupByCause, triedOn } from './groupByCause.ts';

function job(jobId: string, change: Partial<JobView>): JobView {
  const error = { code: 'ENCODE_FAILED', cause: 'The encoder ended.', fix: 'Look at its log.', details: {} };
  return { jobId, state: 'failed', givenUp: false, failedOn: [], error, ...change } as unknown as JobView;
}

test('failed jobs of one code are one group, in queue order', () => {
  const other = { code: 'NO_VIDEO', cause: '', fix: '', details: {} } as NonNullable<JobView['error']>;
  const groups = groupByCause([job('a', {}), job('b', { error: other }), job('c', {}), job('d', { state: 'done' })]);
  expect(groups.map((group) => group.map(({ jobId }) => jobId))).toEqual([['a', 'c'], ['b']]);
});

test('what was given up is off the list', () => {
  expect(groupByCause([job('a', { givenUp: true })])).toEqual([]);
});

test('each node that failed some of them is named once', () => {
  const [group] = groupByCause([job('a', { failedOn: ['tower', 'studio'] }), job('b', { failedOn: ['studio'] })]);
  expect(triedOn(group ?? [])).toEqual(['tower', 'studio']);
});
