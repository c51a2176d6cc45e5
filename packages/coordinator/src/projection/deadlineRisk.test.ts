import { expect, test } from 'vitest';
import { type DeadlineFacts, deadlineRisk } from './deadlineRisk.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const facts = (change: Partial<DeadlineFacts>): DeadlineFacts => ({
  deadlineIso: '2026-01-01T12:10:00Z',
  finishedAtIso: null,
  hasEnded: false,
  eta: null,
  predictedCpuSeconds: null,
  slots: 4,
  nowMs: now,
  ...change,
});

test.each([
  ['without a deadline', { deadlineIso: null, eta: { fromSeconds: 9e9, toSeconds: 9e9 } }, 'none'],
  ['with nothing known', {}, 'none'],
  ['with time enough', { eta: { fromSeconds: 300, toSeconds: 600 } }, 'none'],
  ['with a range that ends behind it', { eta: { fromSeconds: 300, toSeconds: 601 } }, 'at-risk'],
  ['waiting, with more work than the whole farm can do', { predictedCpuSeconds: 4 * 601 }, 'at-risk'],
  ['waiting, with less', { predictedCpuSeconds: 4 * 600 }, 'none'],
  ['when it is over', { nowMs: now + 600_001 }, 'late'],
  ['done before it', { hasEnded: true, finishedAtIso: '2026-01-01T12:09:59Z', nowMs: now + 9e9 }, 'none'],
  ['done after it', { hasEnded: true, finishedAtIso: '2026-01-01T14:11:00+02:00' }, 'late'],
])('a job %s', (_name, change, risk) => {
  expect(deadlineRisk(facts(change))).toBe(risk);
});
