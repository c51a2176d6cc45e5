import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faultKinds } from './chaosCase.ts';
import { faults } from './faults.ts';

const cases = faults.flatMap((fault) => fault.cases);
const ids = cases.map(({ id }) => id);
const countOf = (kind: string): number => cases.filter((one) => one.kind === kind).length;

test('every case has an id of its own, which begins with its kind', () => {
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, kind } of cases) expect(id.startsWith(`${kind}-`), id).toBe(true);
});

test('the suite has as many cases of each kind as promised, forty of them in the short one', () => {
  expect(Object.fromEntries(faultKinds.map((kind) => [kind, countOf(kind)]))).toEqual({
    coordinator: 34,
    agent: 25,
    partition: 12,
    disk: 8,
    store: 20,
    flip: 10,
    s3: 12,
  });
  const flips = cases
    .filter(({ kind }) => kind === 'flip')
    .reduce((sum, one) => sum + ('flips' in one ? (one.flips as unknown[]).length : 0), 0);
  expect(flips).toBe(40);
  expect(cases.filter(({ isFast }) => isFast).length).toBeGreaterThanOrEqual(40);
});

test('cases that the documents name exist', () => {
  for (const file of ['promises.md', 'chaos.md']) {
    const text = readFileSync(new URL(`../../../../docs/${file}`, import.meta.url), 'utf8');
    const named = [...text.matchAll(/`((?:coordinator|agent|partition|disk|store|flip|s3)-[a-z0-9.-]+)`/g)];
    expect(named.length, file).toBeGreaterThan(0);
    expect(named.map(([, id]) => id).filter((id) => !ids.includes(String(id)))).toEqual([]);
  }
});
