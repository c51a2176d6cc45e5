import { join } from 'node:path';
import { JobId } from '@reelmill/protocol';
import { type Command, decide, evolveAll, initialState, type SchedulerState } from '@reelmill/scheduler';
import { expect, test } from 'vitest';
import type { CoreChange } from '../farmCorePort.ts';
import { foldName } from './freeName.ts';
import { trackOutputNames } from './outputNames.ts';

const folder = join('/films', 'out');
const path = join(folder, 'Clip_h264-720p.mp4');
const request = { renditions: [{ preset: 'h264-720p', plannedOutput: path }], package: null };
const jobId = JobId.parse('J-aaaaaaaaaa');
const other = JobId.parse('J-bbbbbbbbbb');

/** A scheduler whose events are told as the coordinator tells them. */
function farm() {
  let state: SchedulerState = initialState;
  const listeners = new Set<(change: CoreChange) => void>();
  const does = (command: object): void => {
    const decision = decide(state, { ...command, at: 0, iso: '' } as Command, { houseSlots: 1 });
    if (decision.kind !== 'accepted') throw new Error(decision.reason);
    state = evolveAll(state, decision.events);
    for (const listener of listeners) listener({ kind: 'events', events: decision.events, iso: '' });
  };
  const feed = {
    state: () => state,
    subscribe(listener: (change: CoreChange) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const submit = (id: JobId): void => does({ type: 'submit-job', jobId: id, request, tasks: [] });
  return { feed, does, submit };
}

const isPlanned = (names: ReturnType<typeof trackOutputNames>) =>
  names.isPlanned(foldName(join(folder, 'clip_H264-720p.mp4')));

test('a path is planned from its submission to the end of its job, whatever its case', () => {
  const { feed, does, submit } = farm();
  const names = trackOutputNames(feed);
  const release = names.reserve([path]);
  expect([isPlanned(names), names.openJobs()]).toEqual([true, 0]);
  submit(jobId);
  release();
  expect([isPlanned(names), names.openJobs()]).toEqual([true, 1]);
  does({ type: 'cancel-job', jobId });
  expect([isPlanned(names), names.openJobs()]).toEqual([false, 0]);
});

test('a retry plans it again; two jobs of the same path hold it until the second ends', () => {
  const { feed, does, submit } = farm();
  const names = trackOutputNames(feed);
  submit(jobId);
  does({ type: 'cancel-job', jobId });
  submit(other);
  does({ type: 'retry-job', jobId });
  expect(names.openJobs()).toBe(2);
  does({ type: 'cancel-job', jobId });
  does({ type: 'remove-job', jobId });
  expect(isPlanned(names)).toBe(true);
  does({ type: 'cancel-job', jobId: other });
  expect([isPlanned(names), names.openJobs()]).toEqual([false, 0]);
});

test('after a restart the jobs of the journal hold theirs', () => {
  const { feed, submit } = farm();
  submit(jobId);
  const names = trackOutputNames(feed);
  expect([isPlanned(names), names.openJobs()]).toEqual([true, 1]);
});
