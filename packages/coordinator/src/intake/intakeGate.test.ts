import { expect, test } from 'vitest';
import { IntakeGate } from './intakeGate.ts';

/** Submissions that end when they are told to. */
function gated(limits: { openJobs?: number; submissionsAtOnce?: number; submissionsWaiting?: number }) {
  let openJobs = 0;
  const gate = new IntakeGate(() => openJobs, {
    ...{ openJobs: 100, submissionsAtOnce: 2, submissionsWaiting: 3 },
    ...limits,
  });
  const ends: (() => void)[] = [];
  const submit = () =>
    gate.admit(async () => {
      await new Promise<void>((resolve) => ends.push(resolve));
      openJobs += 1;
      return openJobs;
    });
  return { submit, ends, settle: () => new Promise(setImmediate) };
}

test('some submissions are read at once, the next wait in order, and none is lost', async () => {
  const { submit, ends, settle } = gated({});
  const all = Promise.all([submit(), submit(), submit(), submit()]);
  await settle();
  expect(ends.length).toBe(2);
  for (let next = 0; next < 4; next += 1) {
    ends[next]?.();
    await settle();
  }
  expect(await all).toEqual([1, 2, 3, 4]);
});

test('beyond the line they are refused, told when to come again, and the line goes on', async () => {
  const { submit, ends, settle } = gated({});
  const admitted = [submit(), submit(), submit(), submit(), submit()];
  await expect(submit()).rejects.toMatchObject({ code: 'QUEUE_FULL', details: { retryAfterSeconds: 2 } });
  for (let next = 0; next < 5; next += 1) {
    await settle();
    ends[next]?.();
  }
  expect(await Promise.all(admitted)).toEqual([1, 2, 3, 4, 5]);
});

test('a queue that is full takes nothing, also from those that waited meanwhile', async () => {
  const { submit, ends, settle } = gated({ openJobs: 2, submissionsAtOnce: 1 });
  const [first, second, third] = [submit(), submit(), submit()];
  const refused = expect(third).rejects.toMatchObject({ code: 'QUEUE_FULL', details: { openJobs: 2 } });
  await settle();
  ends[0]?.();
  await settle();
  ends[1]?.();
  await Promise.all([first, second, refused]);
  await expect(submit()).rejects.toMatchObject({ code: 'QUEUE_FULL', details: { retryAfterSeconds: 30 } });
});

test('a submission that fails gives its place to the next', async () => {
  const { submit, ends, settle } = gated({ submissionsAtOnce: 1 });
  const gate = new IntakeGate(() => 0, { openJobs: 1, submissionsAtOnce: 1, submissionsWaiting: 1 });
  await expect(gate.admit(() => Promise.reject(new Error('bad')))).rejects.toThrow('bad');
  expect(await gate.admit(() => Promise.resolve('next'))).toBe('next');
  const one = submit();
  await settle();
  ends[0]?.();
  expect(await one).toBe(1);
});
