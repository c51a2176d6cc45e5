import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileStableMs, isSameContent, isStable, looked, type Sight, type Sighting } from './sighting.ts';

/** What happens to a file: time passes, somebody writes or replaces it, the coordinator looks. */
const happenings = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 4_000 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const), ms: fc.integer({ min: 0, max: 3_000 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('write' as const, 'replace' as const) }) },
  ),
  { maxLength: 60 },
);

interface Run {
  readonly pickups: { readonly sight: Sight; readonly quietMs: number }[];
  readonly versions: Sight[];
  readonly last: Sight;
}

/** The rule of a watched folder over one file: once stable and not seen before, it is picked up. */
function run(history: typeof happenings extends fc.Arbitrary<infer T> ? T : never): Run {
  let nowMs = 0;
  let changedMs = 0;
  let sight: Sight = { sizeBytes: 1, mtimeNs: '1', inode: '1' };
  let sighting: Sighting | undefined;
  let seen: Sight | undefined;
  const pickups: Run['pickups'] = [];
  const versions = [sight];
  for (const one of history) {
    if (one.kind === 'wait') nowMs += one.ms;
    else if (one.kind === 'look') {
      const startedMs = nowMs;
      nowMs += one.ms; // a look may take its time, and finds what is there at its end
      sighting = looked(sighting, sight, { startedMs, endedMs: nowMs });
      if (!isStable(sighting, fileStableMs) || (seen !== undefined && isSameContent(seen, sight))) continue;
      pickups.push({ sight, quietMs: nowMs - changedMs });
      seen = sight;
    } else {
      const inode = one.kind === 'replace' ? String(versions.length + 1) : sight.inode;
      sight = { sizeBytes: sight.sizeBytes + 1, mtimeNs: String(nowMs + versions.length), inode };
      changedMs = nowMs;
      versions.push(sight);
    }
  }
  return { pickups, versions, last: sight };
}

test('a file is picked up only after five quiet seconds, and each content once', () => {
  fc.assert(
    fc.property(happenings, (history) => {
      const { pickups } = run(history);
      for (const { quietMs } of pickups) expect(quietMs).toBeGreaterThanOrEqual(fileStableMs);
      const contents = pickups.map(({ sight }) => `${sight.sizeBytes}/${sight.mtimeNs}`);
      expect(new Set(contents).size).toBe(contents.length);
    }),
  );
});

test('whatever happened before, what is left alone is picked up', () => {
  const rest = [0, 3_000, 3_000].flatMap((ms) => [
    { kind: 'wait' as const, ms },
    { kind: 'look' as const, ms: 0 },
  ]);
  fc.assert(
    fc.property(happenings, (history) => {
      const { pickups, last } = run([...history, ...rest]);
      expect(pickups.at(-1)?.sight).toEqual(last);
    }),
  );
});

test('a file that grows at every look is picked up once, whole', () => {
  const growing = Array.from({ length: 20 }, () => [
    { kind: 'write' as const },
    { kind: 'wait' as const, ms: 4_000 },
    { kind: 'look' as const, ms: 0 },
  ]).flat();
  const { pickups, last } = run([...growing, { kind: 'wait', ms: 4_999 }, { kind: 'look', ms: 0 }]);
  expect(pickups).toEqual([]);
  const whole = run([...growing, { kind: 'wait', ms: 4_000 }, { kind: 'wait', ms: 1_000 }, { kind: 'look', ms: 0 }]);
  expect(whole.pickups.map(({ sight }) => sight)).toEqual([last]);
});
