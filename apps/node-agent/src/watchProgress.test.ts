import { TaskOffer, type TaskProgress } from '@reelmill/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { progressReporter } from './progressReporter.ts';
import { taskTimeout } from './taskTimeout.ts';
import { cpuPercentBetween } from './telemetry.ts';
import { watchProgress } from './watchProgress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const never = new AbortController().signal;

test('an encoder without a new frame for a minute is stopped as NO_PROGRESS', () => {
  const watch = watchProgress('encode', never);
  watch.saw(10);
  vi.advanceTimersByTime(55_000);
  watch.saw(10);
  expect(watch.signal.aborted).toBe(false);
  vi.advanceTimersByTime(5_000);
  expect(watch.signal.reason).toMatchObject({ code: 'NO_PROGRESS', details: { framesDone: 10 } });
  watch.stop();
});

test('every new frame starts the minute again, and a join may be quiet for longer', () => {
  const watch = watchProgress('encode', never);
  const join = watchProgress('join', never);
  for (let frame = 1; frame <= 10; frame += 1) {
    vi.advanceTimersByTime(50_000);
    watch.saw(frame);
  }
  expect([watch.signal.aborted, join.signal.aborted]).toEqual([false, false]);
  watch.stop();
  join.stop();
});

test('FFMPEG_TIMEOUT ends a run that goes on and on, however busy it is; without it the expected work decides', () => {
  const total = taskTimeout({ expectedSeconds: 10 }, { chosenSeconds: 90, nodeName: 'attic' });
  const watch = watchProgress('encode', never, { total });
  for (let frame = 1; frame <= 100; frame += 1) {
    vi.advanceTimersByTime(1_000);
    watch.saw(frame);
    expect(watch.signal.aborted).toBe(frame >= 90);
  }
  expect(watch.signal.reason).toMatchObject({ code: 'FFMPEG_TIMEOUT', details: { seconds: 90 } });
  watch.stop();
  expect(taskTimeout({ expectedSeconds: 10 }, { chosenSeconds: null, nodeName: 'attic' }).limitMs).toBe(1_200_000);
  expect(taskTimeout({}, { chosenSeconds: null, nodeName: 'attic' }).limitMs).toBe(600_000);
});

test('a revoked attempt ends the watched work with its own reason', () => {
  const attempt = new AbortController();
  const watch = watchProgress('audio', attempt.signal);
  attempt.abort('revoked');
  expect(watch.signal.reason).toBe('revoked');
  watch.stop();
});

test('progress is at most four messages a second, but a change of phase always gets through', () => {
  const offer = TaskOffer.parse({
    taskId: 'J-abcdefghij/h264-720p/encode-0000',
    attempt: 1,
    jobId: 'J-abcdefghij',
    kind: 'encode',
    leaseTtlMs: 10_000,
    source: null,
    inputs: [],
    spec: {},
  });
  const sent: TaskProgress[] = [];
  let nowMs = 0;
  const report = progressReporter(
    offer,
    (progress) => sent.push(progress),
    () => nowMs,
  );
  for (nowMs = 0; nowMs < 1_000; nowMs += 10) report({ phase: 'encode', framesDone: nowMs, fps: 25 });
  expect(sent).toHaveLength(4);
  report({ phase: 'upload', bytesDone: 1 });
  expect(sent.at(-1)).toMatchObject({ phase: 'upload', bytesDone: 1, framesDone: 0 });
});

test('CPU load is the busy share between two readings', () => {
  expect(cpuPercentBetween({ busyMs: 100, totalMs: 1_000 }, { busyMs: 350, totalMs: 2_000 })).toBe(25);
  expect(cpuPercentBetween({ busyMs: 100, totalMs: 1_000 }, { busyMs: 100, totalMs: 1_000 })).toBe(0);
});
