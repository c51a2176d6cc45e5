import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { afterInput, afterLoad, notInUse, usualRule as rule, type UseState } from './easeOff.ts';

const stepMs = 2_000;

/** Readings every two seconds; what was decided after each. */
function byLoad(percents: readonly (number | null)[]): boolean[] {
  let state: UseState = notInUse;
  return percents.map((othersCpuPercent, index) => {
    state = afterLoad(state, { othersCpuPercent, idleMs: null }, { ms: index * stepMs, rule });
    return state.inUse;
  });
}
const many = (count: number, percent: number): number[] => Array.from({ length: count }, () => percent);

describe('by the load of others', () => {
  test('a short burst is nobody; a lasting load is someone, ten seconds after it began', () => {
    expect(byLoad([90, 90, 90, 5, 90, 90]).some(Boolean)).toBe(false);
    expect(byLoad(many(8, 60)).indexOf(true)).toBe(rule.busyForMs / stepMs);
  });

  test('they are gone only after two quiet minutes without a break', () => {
    const quiet = rule.quietForMs / stepMs;
    const decided = byLoad([...many(6, 60), ...many(quiet - 1, 2), 60, ...many(quiet + 1, 2)]);
    expect(decided.slice(5, -1).every(Boolean)).toBe(true);
    expect(decided.at(-1)).toBe(false);
  });

  test('between the two limits nothing changes, and a reading that tells nothing changes nothing', () => {
    expect(byLoad(many(1000, 20)).some(Boolean)).toBe(false);
    expect(byLoad([...many(6, 60), ...many(1000, 20)]).at(-1)).toBe(true);
    expect(byLoad([60, null, 60, null, 60, null, 60])).toEqual([false, false, false, false, false, false, true]);
  });

  test('it never changes twice within the shorter of its times, whatever the load does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 400 }), (percents) => {
        const decided = byLoad(percents);
        const changes = decided.flatMap((inUse, index) => (inUse === (decided[index - 1] ?? false) ? [] : [index]));
        for (const [at, index] of changes.entries()) {
          const before = changes[at - 1];
          if (before !== undefined) expect((index - before) * stepMs).toBeGreaterThanOrEqual(rule.busyForMs);
        }
      }),
    );
  });
});

describe('by input', () => {
  const after = (inUse: boolean, idleMs: number | null): boolean =>
    afterInput({ inUse, contraryAtMs: null }, { othersCpuPercent: null, idleMs }, { rule }).inUse;

  test('the first key is someone at once; five minutes without one are nobody', () => {
    expect([after(false, 500), after(false, 60_000), after(true, 60_000), after(true, 299_999)]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect([after(true, 300_000), after(true, null), after(false, null)]).toEqual([false, true, false]);
  });
});
