import { FarmError, type FinishedVerdict, TaskFinished } from '@reelmill/protocol';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createReportOutbox } from './reportOutbox.ts';

const log = pino({ level: 'silent' });
const finished = TaskFinished.parse({
  taskId: 'J-abcdefghij/h264-720p/encode-0000',
  attempt: 2,
  outcome: { kind: 'completed', artifacts: [], report: {}, sourceSha256: null, wallSeconds: 1 },
});

/** Answers with the given results in turn; an error is thrown. */
const answering = (...answers: (FinishedVerdict | FarmError)[]) => {
  const sent: TaskFinished[] = [];
  const outbox = createReportOutbox({
    log,
    retryMs: 1,
    send: async (report) => {
      sent.push(report);
      const answer = answers[sent.length - 1] as FinishedVerdict | FarmError;
      if (answer instanceof FarmError) throw answer;
      return answer;
    },
  });
  return { outbox, sent };
};
const never = new AbortController().signal;

test('a report is said again until the coordinator has a verdict', async () => {
  const { outbox, sent } = answering(new FarmError('INTERNAL'), new FarmError('DISK_FULL'), 'accepted');
  const delivery = outbox.deliver(finished, never);
  expect(outbox.pending()).toBe(1);
  expect(await delivery).toBe('accepted');
  expect(sent).toEqual([finished, finished, finished]);
  expect(outbox.pending()).toBe(0);
});

test('a stale verdict forgets the report', async () => {
  const { outbox, sent } = answering('stale');
  expect(await outbox.deliver(finished, never)).toBe('stale');
  expect(sent).toHaveLength(1);
});

test('a report the coordinator cannot understand is not repeated for ever', async () => {
  const { outbox, sent } = answering(new FarmError('REQUEST_INVALID'));
  expect(await outbox.deliver(finished, never)).toBe('stale');
  expect(sent).toHaveLength(1);
});

test('a leaving agent stops saying it', async () => {
  const leaving = new AbortController();
  const { outbox } = answering(new FarmError('INTERNAL'), 'accepted');
  const delivery = outbox.deliver(finished, leaving.signal);
  leaving.abort(new FarmError('INTERRUPTED'));
  await expect(delivery).rejects.toThrow();
  expect(outbox.pending()).toBe(0);
});
