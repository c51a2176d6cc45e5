import type { JobId, TaskId } from '@reelmill/protocol';
import type { DurableEvent } from '@reelmill/scheduler';
import { expect, test } from 'vitest';
import { crashPointNames, crashPointOf, parseCrashPlan } from './crashPoints.ts';

test('a plan to die names a point, the passage and its side', () => {
  expect(parseCrashPlan('leased')).toEqual({ name: 'leased', passage: 1, moment: 'before' });
  expect(parseCrashPlan('committed:3:after')).toEqual({ name: 'committed', passage: 3, moment: 'after' });
});

test.each(['', 'nowhere', 'leased:0', 'leased:x', 'leased:1:during', 'leased:1:after:all'])(
  'a plan that is none is refused: %s',
  (text) => {
    expect(() => parseCrashPlan(text)).toThrow(/REELMILL_CRASH_AT reads/);
  },
);

const jobId = 'J-aaaaaaaaaa' as JobId;
const completed = (task: string) => ({ type: 'task-completed', taskId: `${jobId}/${task}` as TaskId }) as DurableEvent;
const granted = (task: string) => ({ type: 'lease-granted', taskId: `${jobId}/${task}` as TaskId }) as DurableEvent;

test('events of the journal are the points that they are named for', () => {
  expect(crashPointOf(completed('probe'))).toBe('probed');
  expect(crashPointOf(granted('h264-320p/encode-0003'))).toBe('leased');
  expect(crashPointOf(completed('h264-320p/shared-0003'))).toBe('committed');
  expect(crashPointOf(granted('h264-320p/assemble'))).toBe('joining');
  expect(crashPointOf(completed('h264-320p/join'))).toBe('joined');
  expect(crashPointOf(granted('probe'))).toBeNull();
  expect(crashPointOf(completed('h264-320p/audio'))).toBeNull();
  expect(new Set(crashPointNames).size).toBe(17);
});
