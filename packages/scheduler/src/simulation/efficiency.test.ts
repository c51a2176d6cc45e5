import { expect, test } from 'vitest';
import { type EfficiencyOptions, type EfficiencyReport, EfficientFarm, filmsOfAllLengths } from './efficientFarm.ts';

const seedCount = process.env.REELMILL_TEST_TIER === 'full' ? 20 : 1;

function runFarm(seed: number, change: Partial<EfficiencyOptions> = {}): EfficiencyReport {
  const shape = {
    nodes: 64,
    costPerSecond: 2,
    chunkCostSeconds: 10,
    failing: 0.02,
    waitingOffers: 8,
    speculates: true,
  };
  return new EfficientFarm({ ...shape, seed, films: filmsOfAllLengths(seed, 10), ...change }).run();
}

const ratioOf = ({ makespanSeconds, boundSeconds }: EfficiencyReport): number => makespanSeconds / boundSeconds;

function describe(name: string, report: EfficiencyReport): void {
  const { makespanSeconds, boundSeconds, workFactor, backups, recalled, commands } = report;
  const times = `${makespanSeconds.toFixed(1)} s, least ${boundSeconds.toFixed(1)} s, ratio ${ratioOf(report).toFixed(4)}`;
  const work = `work ${workFactor.toFixed(3)}, ${backups} copies, ${recalled} recalled, ${commands} commands`;
  console.info(`${name}: ${times}, ${work}`);
}

test('64 nodes of 1× to 8× end films of 8 min to 2 h within 1.05 of the least possible time', () => {
  for (let seed = 1; seed <= seedCount; seed += 1) {
    const report = runFarm(seed);
    describe(`seed ${seed}`, report);
    expect(ratioOf(report)).toBeLessThanOrEqual(1.05);
    expect(report.workFactor).toBeLessThanOrEqual(1.3);
  }
}, 900_000);

test('a node that turns slow with one of the last chunks does not hold up the film', () => {
  const film = { nodes: 8, films: [{ minutes: 8 }], failing: 0, seed: 5 };
  const slowed = { node: 0, atSeconds: 15 };
  const [calm, alone, helped] = [
    runFarm(5, film),
    runFarm(5, { ...film, slowed, speculates: false }),
    runFarm(5, { ...film, slowed }),
  ];
  for (const [name, report] of Object.entries({ calm, alone, helped })) describe(name, report);
  expect(helped.backups).toBeGreaterThan(0);
  expect(helped.makespanSeconds).toBeLessThan(1.5 * calm.makespanSeconds);
  expect(helped.makespanSeconds).toBeLessThan(alone.makespanSeconds);
  expect(helped.workFactor).toBeLessThanOrEqual(1.3);
});

test('uploads that a store never answers do not hold the film for the minute after which they are tried again', () => {
  const film = { nodes: 8, films: [{ minutes: 8 }], failing: 0, seed: 5 };
  const unanswered = { node: 0, atSeconds: 15 };
  const [calm, alone, helped] = [
    runFarm(5, film),
    runFarm(5, { ...film, unanswered, speculates: false }),
    runFarm(5, { ...film, unanswered }),
  ];
  for (const [name, report] of Object.entries({ calm, alone, helped })) describe(name, report);
  expect(alone.makespanSeconds).toBeGreaterThan(calm.makespanSeconds + 30);
  // Ten seconds without a byte, and the time of the copies.
  expect(helped.makespanSeconds).toBeLessThan(calm.makespanSeconds + 20);
  expect(helped.workFactor).toBeLessThanOrEqual(1.3);
});

test('tasks that wait at their node save the round trips of short chunks', () => {
  const short = { nodes: 8, films: [{ minutes: 8 }], chunkCostSeconds: 1, failing: 0 };
  const [batched, single] = [runFarm(1, short), runFarm(1, { ...short, waitingOffers: 0 })];
  describe('batched', batched);
  describe('single', single);
  expect(batched.makespanSeconds).toBeLessThan(0.97 * single.makespanSeconds);
});
