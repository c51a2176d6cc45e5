import { setImmediate as turn } from 'node:timers/promises';
import { FarmError, TaskOffer } from '@reelmill/protocol';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { type AttemptControl, createSlots } from './slots.ts';

const log = pino({ level: 'silent' });

const soundOf = (chunk: number): TaskOffer => ({ ...offerOf(chunk), kind: 'audio' });
const offerOf = (chunk: number, attempt = 1): TaskOffer =>
  TaskOffer.parse({
    taskId: `J-abcdefghij/h264-720p/encode-000${chunk}`,
    attempt,
    jobId: 'J-abcdefghij',
    kind: 'encode',
    leaseTtlMs: 10_000,
    source: null,
    inputs: [],
    spec: {},
  });

interface Started {
  readonly offer: TaskOffer;
  readonly control: AttemptControl;
  end(): void;
}

function slotsUnderTest(count: number) {
  const started: Started[] = [];
  const slots = createSlots({
    slots: count,
    log,
    run: (offer, control) =>
      new Promise((resolve) => {
        started.push({ offer, control, end: resolve });
        control.signal.addEventListener('abort', () => resolve());
      }),
  });
  const running = (): string[] => started.map(({ offer }) => `${offer.taskId.slice(-1)}.${offer.attempt}`);
  return { slots, started, running };
}

const started = <T>(list: readonly T[], index: number): T => list[index] as T;

describe('slots', () => {
  test('an offer starts after its answer, and its lease is held until the attempt ends', async () => {
    const { slots, started: list, running } = slotsUnderTest(1);
    expect(slots.offer(offerOf(0))).toEqual({ accepted: true });
    expect(running()).toEqual([]);
    expect(slots.held()).toEqual([{ taskId: offerOf(0).taskId, attempt: 1 }]);
    await turn();
    expect(running()).toEqual(['0.1']);
    started(list, 0).end();
    await turn();
    expect(slots.held()).toEqual([]);
  });

  test('a full node lets as many offers wait as it says, and one more per slot, and refuses the next', async () => {
    const { slots, running } = slotsUnderTest(1);
    expect(slots.waitingOffers).toBe(8);
    for (let attempt = 1; attempt <= slots.waitingOffers + 2; attempt += 1) {
      const offer = { ...offerOf(0), taskId: `${offerOf(0).taskId}${attempt}` as TaskOffer['taskId'] };
      expect(slots.offer(offer)).toEqual({ accepted: true });
    }
    const refused = slots.offer(offerOf(2));
    expect(refused.accepted).toBe(false);
    expect(refused.accepted === false && refused.error.code).toBe('NODE_REFUSED');
    await turn();
    expect(running()).toEqual(['1.1']);
  });

  test('waiting offers start in their order, each when a slot is free', async () => {
    const { slots, started: list, running } = slotsUnderTest(1);
    for (const chunk of [0, 1, 2]) slots.offer(offerOf(chunk));
    await turn();
    started(list, 0).end();
    await turn();
    await started(list, 1).control.releaseSlot();
    expect(running()).toEqual(['0.1', '1.1', '2.1']);
  });

  test('what waits is given back when asked for, what has begun is not', async () => {
    const { slots, running } = slotsUnderTest(1);
    for (const chunk of [0, 1]) slots.offer(offerOf(chunk));
    await turn();
    expect([0, 1, 2].map((chunk) => slots.recall(offerOf(chunk)))).toEqual([false, true, false]);
    expect(slots.held()).toEqual([{ taskId: offerOf(0).taskId, attempt: 1 }]);
    expect(running()).toEqual(['0.1']);
  });

  test('one sound task runs beside full slots, the next one waits', async () => {
    const { slots, running } = slotsUnderTest(1);
    for (const offer of [offerOf(0), soundOf(1), soundOf(2)]) expect(slots.offer(offer)).toEqual({ accepted: true });
    await turn();
    expect(running()).toEqual(['0.1', '1.1']);
  });

  test('the slot takes its next task while the result of the last one goes out', async () => {
    const { slots, started: list, running } = slotsUnderTest(1);
    slots.offer(offerOf(0));
    await turn();
    await started(list, 0).control.releaseSlot();
    slots.offer(offerOf(1));
    await turn();
    expect(running()).toEqual(['0.1', '1.1']);
    expect(slots.held()).toHaveLength(2);
  });

  test('a slow store holds the slot once too many results wait for it', async () => {
    const { slots, started: list } = slotsUnderTest(1);
    for (let chunk = 0; chunk < 2; chunk += 1) {
      slots.offer(offerOf(chunk));
      await turn();
      await started(list, chunk).control.releaseSlot();
    }
    slots.offer(offerOf(2));
    await turn();
    let released = false;
    const release = started(list, 2)
      .control.releaseSlot()
      .then(() => {
        released = true;
      });
    await turn();
    expect(released).toBe(false);
    started(list, 0).end();
    await release;
    expect(released).toBe(true);
  });

  test('a newer attempt of a task stops the older one', async () => {
    const { slots, started: list, running } = slotsUnderTest(1);
    slots.offer(offerOf(0, 1));
    await turn();
    slots.offer(offerOf(0, 2));
    expect(started(list, 0).control.signal.aborted).toBe(true);
    await turn();
    await turn();
    expect(running()).toEqual(['0.1', '0.2']);
    expect(slots.held()).toEqual([{ taskId: offerOf(0).taskId, attempt: 2 }]);
  });

  test('an offer delivered twice runs once', async () => {
    const { slots, running } = slotsUnderTest(2);
    slots.offer(offerOf(0));
    expect(slots.offer(offerOf(0))).toEqual({ accepted: true });
    await turn();
    expect(running()).toEqual(['0.1']);
  });

  test('a revoked lease stops its attempt, also one that still waits', async () => {
    const { slots, started: list, running } = slotsUnderTest(1);
    slots.offer(offerOf(0));
    slots.offer(offerOf(1));
    await turn();
    slots.cancel(offerOf(1));
    slots.cancel(offerOf(0));
    expect(started(list, 0).control.signal.reason).toBeInstanceOf(FarmError);
    await turn();
    expect(running()).toEqual(['0.1']);
    expect(slots.held()).toEqual([]);
  });

  test('closing after chunks gives back what waits; what runs goes on, and nothing new is taken', async () => {
    const { slots, started: list, running } = slotsUnderTest(1);
    slots.offer(offerOf(0));
    slots.offer(offerOf(1));
    await turn();
    const { givenBack } = slots.close('after-chunk');
    expect(givenBack).toEqual([{ taskId: offerOf(1).taskId, attempt: 1 }]);
    expect(slots.held()).toEqual([{ taskId: offerOf(0).taskId, attempt: 1 }]);
    expect(slots.offer(offerOf(2)).accepted).toBe(false);
    started(list, 0).end();
    await turn();
    slots.open();
    expect(slots.offer(offerOf(2)).accepted).toBe(true);
    await turn();
    expect(running()).toEqual(['0.1', '2.1']);
  });

  test('closing now stops what runs and owes nothing for it; a result that is being reported stays', async () => {
    const { slots, started: list } = slotsUnderTest(2);
    for (const chunk of [0, 1, 2]) slots.offer(offerOf(chunk));
    await turn();
    started(list, 0).control.reporting();
    const { givenBack, ended } = slots.close('now');
    expect(givenBack.map(({ taskId }) => taskId)).toEqual([offerOf(1), offerOf(2)].map(({ taskId }) => taskId));
    expect(started(list, 1).control.signal.reason).toMatchObject({ code: 'INTERRUPTED' });
    expect(started(list, 0).control.signal.aborted).toBe(false);
    expect(slots.held()).toEqual([{ taskId: offerOf(0).taskId, attempt: 1 }]);
    await ended;
    expect(slots.close('now').givenBack).toEqual([]);
    started(list, 0).end();
  });

  test('a leaving node stops everything and refuses offers', async () => {
    const { slots, started: list } = slotsUnderTest(1);
    slots.offer(offerOf(0));
    await turn();
    await slots.stop(new FarmError('INTERRUPTED'));
    expect(started(list, 0).control.signal.aborted).toBe(true);
    expect(slots.offer(offerOf(1)).accepted).toBe(false);
  });
});
