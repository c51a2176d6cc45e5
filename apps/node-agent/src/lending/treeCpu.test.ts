import { expect, test } from 'vitest';
import { afterUse } from './dutyCycle.ts';
import { parsePs, psMeter } from './treeCpu.ts';
import { othersPercent } from './useReader.ts';

const ps = (encoder: string): string => `    1     0   9:99.99
  500     1   0:10.00
  502   501   0:01.50
  501   500 ${encoder}
  900     1   1:00:00.00
`;

test('processes as macOS lists them, with minutes and with hours', () => {
  expect(parsePs(ps('12:34.56')).slice(3)).toEqual([
    { pid: 501, parentPid: 500, cpuMs: 754_560 },
    { pid: 900, parentPid: 1, cpuMs: 3_600_000 },
  ]);
});

test('a tree is the process and all below it; what ended stays counted, and it never falls', async () => {
  let text = ps('0:02.00');
  const meter = psMeter(500, async () => parsePs(text));
  expect(await meter.read()).toBe(13_500);
  text = ps('0:05.00');
  expect(await meter.read()).toBe(16_500);
  text = '  500     1   0:10.50\n';
  expect(await meter.read()).toBe(17_000);
});

test('what others use is the rest, never below nothing', () => {
  const before = { busyMs: 0, totalMs: 0, oursMs: 0 };
  expect(othersPercent(before, { busyMs: 600, totalMs: 1_000, oursMs: 400 })).toBe(20);
  expect(othersPercent(before, { busyMs: 300, totalMs: 1_000, oursMs: 310 })).toBe(0);
  expect(othersPercent(before, before)).toBeNull();
});

test('a budget grows with the clock and falls with use; little is saved up', () => {
  const idle = afterUse({ leftMs: 0 }, { elapsedMs: 60_000, usedMs: 0, cores: 0.5 });
  expect(idle.leftMs).toBeLessThanOrEqual(1_000);
  let [left, used] = [{ leftMs: 0 }, 0];
  for (let step = 0; step < 400; step += 1) {
    const usedMs = left.leftMs < 0 ? 0 : 50;
    used += usedMs;
    left = afterUse(left, { elapsedMs: 25, usedMs, cores: 0.5 });
  }
  expect(used / (400 * 25)).toBeCloseTo(0.5, 1);
});
