import type { Heartbeat, HeartbeatAnswer } from '@reelmill/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type HeartLine, startHeart } from './heart.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const beat: Heartbeat = {
  leases: [],
  telemetry: {
    cpuPercent: 1,
    memoryUsedBytes: 1,
    freeDiskBytes: 1,
    temperatureCelsius: null,
    bytesDownloaded: 0,
    bytesUploaded: 0,
  },
};

function heartOn(ask: HeartLine['ask'], heartbeatIntervalMs: number) {
  const sent: string[] = [];
  const answers: HeartbeatAnswer[] = [];
  const line: HeartLine = {
    tell: () => void sent.push('tells'),
    ask(asked, timeoutMs) {
      sent.push('asks');
      return ask(asked, timeoutMs);
    },
  };
  let dead = false;
  const heart = startHeart(line, {
    timing: { heartbeatIntervalMs, leaseTtlMs: 10_000 },
    read: () => beat,
    onAnswer: (answer) => void answers.push(answer),
    onDead: () => {
      dead = true;
    },
  });
  return { heart, sent, answers, isDead: () => dead };
}

const answered = async () => ({ ok: true as const, value: { revoked: [] } });

test('an answer is asked for at once, and then each fifth second at most however fast the heart beats', async () => {
  for (const intervalMs of [1_000, 2_000, 4_000, 5_000]) {
    const { heart, sent, answers } = heartOn(answered, intervalMs);
    await vi.advanceTimersByTimeAsync(39_999);
    heart.stop();
    expect(sent.length).toBe(40_000 / intervalMs);
    expect(sent[0]).toBe('asks');
    const asked = sent.filter((one) => one === 'asks').length;
    expect(asked).toBe({ 1000: 8, 2000: 10, 4000: 10, 5000: 8 }[intervalMs]);
    expect(answers.length).toBe(asked);
  }
});

test('while an answer is awaited nothing more is sent; one that does not come ends the line', async () => {
  const never = (_: Heartbeat, timeoutMs: number) =>
    new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Error('no answer')), timeoutMs));
  const { heart, sent, isDead } = heartOn(never, 1_000);
  await vi.advanceTimersByTimeAsync(9_999);
  expect([sent, isDead()]).toEqual([['asks'], false]);
  await vi.advanceTimersByTimeAsync(1);
  heart.stop();
  expect(isDead()).toBe(true);
});
