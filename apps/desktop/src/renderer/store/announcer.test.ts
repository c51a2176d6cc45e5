import { expect, test, vi } from 'vitest';
import { announce, announceLater, useAnnouncer } from './announcer.ts';

test('check 48: what happens by itself is said at most once in five seconds, answers to keys at once', () => {
  vi.useFakeTimers();
  const said: string[] = [];
  const stop = useAnnouncer.subscribe(({ text }) => said.push(text));
  for (let second = 0; second < 20; second += 1) {
    announceLater(`${second} done`);
    vi.advanceTimersByTime(1_000);
  }
  expect(said.length).toBeLessThanOrEqual(5);
  expect(said.at(-1)).toMatch(/1[5-9] done/);
  announce('3 of 14');
  expect(said.at(-1)).toBe('3 of 14');
  const before = said.length;
  announceLater('one more');
  vi.advanceTimersByTime(4_900);
  expect(said.length).toBe(before);
  vi.advanceTimersByTime(200);
  expect(said.at(-1)).toBe('one more');
  stop();
  vi.useRealTimers();
});
