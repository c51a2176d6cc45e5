import { expect, test } from 'vitest';
import { evolveAll } from './evolve.ts';
import { isDurable } from './isDurable.ts';
import { initialState } from './state.ts';
import { TestFarm } from './testFarm.ts';

const forecast = { estimatedSeconds: 20, fromSeconds: 15, toSeconds: 30, tookSeconds: 24 };

test('what was promised of a job is kept once it is done, once, and after a restart', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const { jobId, chunks, assemble, publish } = farm.plannedJob('one', 1);
  const note = () => farm.tries({ type: 'note-forecast', jobId, forecast });
  expect(note()).toEqual({ kind: 'rejected', reason: 'job-state' });
  for (const taskId of [...chunks, assemble, publish]) farm.completes(taskId);
  expect(note()).toMatchObject({ kind: 'accepted' });
  expect(note()).toEqual({ kind: 'rejected', reason: 'duplicate' });
  const replayed = evolveAll(initialState, JSON.parse(JSON.stringify(farm.events.filter(isDurable))));
  expect(replayed.jobs.get(jobId)?.forecast).toEqual(forecast);
});
