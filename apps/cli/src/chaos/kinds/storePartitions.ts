import { setTimeout as delay } from 'node:timers/promises';
import { BrokenPromise, type ChaosCase, type Fault } from '../chaosCase.ts';
import { type OnRelays, openOnRelays } from '../relayedFarm.ts';
import { openScene } from '../scene.ts';

interface StorePartitionCase extends ChaosCase {
  readonly agents: 'one' | 'both';
  readonly seconds: number;
}

const made = (agents: 'one' | 'both', seconds: number, isFast = false): StorePartitionCase => ({
  ...{ id: `partition-store-${agents}-${seconds}s`, kind: 'partition', isFast, agents, seconds },
  title: `${agents === 'one' ? 'one agent' : 'both agents'} cut off from the store alone, for ${seconds} s`,
});
const cases = [made('one', 2, true), made('both', 2), made('both', 12)];

/** Agents talk with the coordinator, and do not reach the store: requests vanish until the way is mended. */
export const storePartitions: Fault<StorePartitionCase> = {
  kind: 'partition',
  cases,
  lanes: 1,
  missing: async () => null,
  open: openOnRelays(cutOffStore),
};

async function cutOffStore(one: StorePartitionCase, { bench, context, signal }: OnRelays): Promise<string> {
  const scene = await openScene(one, context);
  const cutOff = bench.agents.slice(0, one.agents === 'one' ? 1 : 2);
  const firstLost = Promise.withResolvers<void>();
  let lost = 0;
  const endsAtMs = performance.now() + one.seconds * 1000;
  for (const { relay } of cutOff) {
    relay.script(() => {
      lost += 1;
      firstLost.resolve();
      return { kind: 'silence', cutAfterMs: Math.max(1, endsAtMs - performance.now()) };
    });
  }
  const jobId = String(await bench.farm.submit(scene.clip, scene.outputFolder));
  const final = bench.farm.untilFinal(jobId, signal);
  await firstLost.promise;
  await delay(Math.max(1, endsAtMs - performance.now()));
  bench.script(null);
  const job = await final;
  await scene.check(job);
  if (lost === 0) throw new BrokenPromise('no request was lost');
  return `${lost} requests lost, ${job.attempts} grants`;
}
