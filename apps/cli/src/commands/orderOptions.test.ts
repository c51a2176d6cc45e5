import { expect, test } from 'vitest';
import { deadlineTime, jobPriority, submitterName } from './orderOptions.ts';
import { collectQueue } from './queueOption.ts';

test('queues are named with their settings, or alone', () => {
  const first = collectQueue('review:reserved=1,cap=2,priority=high', []);
  expect(collectQueue('night', first)).toEqual([
    { name: 'review', reserved: 1, cap: 2, priority: 'high' },
    { name: 'night', reserved: 0, cap: null, priority: 'normal' },
  ]);
});

test.each([
  'Review',
  'review:',
  'review:cap',
  'review:cap=two',
  'review:cap=0',
  'review:reserved=3,cap=2',
  'review:size=3',
])('the queue %s is refused', (value) => {
  expect(() => collectQueue(value, [])).toThrow(/Expected NAME/);
});

test('a queue is named once', () => {
  expect(() => collectQueue('night', collectQueue('night', []))).toThrow(/twice/);
});

test('deadlines are times with or without a zone, priorities and names what they should be', () => {
  expect(deadlineTime('2026-11-21T18:00+01:00')).toBe('2026-11-21T17:00:00.000Z');
  expect(deadlineTime('2026-11-21T18:00')).toBe(new Date(2026, 10, 21, 18).toISOString());
  expect(() => deadlineTime('soon')).toThrow(/time/);
  expect(jobPriority('urgent')).toBe('urgent');
  expect(() => jobPriority('first')).toThrow(/urgent, high, normal, low/);
  expect(submitterName('Bea Ö')).toBe('Bea Ö');
  expect(() => submitterName('a\nb')).toThrow(/name/);
});
