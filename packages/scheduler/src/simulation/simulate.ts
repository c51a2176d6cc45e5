import { SimulatedClient } from './client.ts';
import type { CrashPoint } from './dispatch.ts';
import { Nemesis } from './nemesis.ts';
import { OrderClient } from './orderClient.ts';
import type { Rules } from './rules.ts';
import { World, type WorldOptions } from './world.ts';

const faultsEndMs = 45_000;
/** P10: every job ends within this time after the last fault. */
const healingMs = 2_000_000;

export interface SimulationReport {
  readonly seed: number;
  /** The first broken promise, or null. */
  readonly fault: string | null;
  /** Of everything that was decided: the same for every run of this seed. */
  readonly hash: string;
  readonly steps: number;
  readonly virtualMs: number;
  /** Events in the journal at the end. */
  readonly journalLength: number;
}

/** Runs one seed: a farm under faults, then healed until every job ended; all promises watched at every step. */
export function simulate(seed: number, options: WorldOptions = {}): SimulationReport {
  const world = new World(seed, options);
  const { timeline, watch, coordinator } = world;
  const nemesis = new Nemesis(world);
  const orders = new OrderClient(world, seed);
  const client = new SimulatedClient(world, () => orders.submittedOrder());
  coordinator.start();
  for (const agent of world.agents) timeline.after(world.random.between(0, 3000), () => agent.start());
  nemesis.start(faultsEndMs);
  client.start(faultsEndMs);
  orders.start(faultsEndMs);
  timeline.run(faultsEndMs, () => watch.fault !== null);
  if (watch.fault === null) {
    nemesis.heal();
    orders.heal();
  }
  const ended = () => client.isDone && [...coordinator.state.jobs.values()].every((job) => job.phase.kind !== 'active');
  timeline.run(faultsEndMs + healingMs, () => watch.fault !== null || (timeline.now > faultsEndMs + 10_000 && ended()));
  watch.replayed(coordinator.journal.read(), coordinator.state);
  const fault = watch.fault ?? endFault(world, ended());
  const { hash } = world.record;
  return {
    seed,
    fault,
    hash,
    steps: timeline.steps,
    virtualMs: timeline.now,
    journalLength: coordinator.journal.length,
  };
}

function endFault({ gentle, coordinator }: World, ended: boolean): string | null {
  const phases = [...coordinator.state.jobs.values()].map(({ jobId, phase }) => `${jobId} ${phase.kind}`);
  if (!ended) return `P10: not ended long after the last fault: ${phases.join(', ')}`;
  if (gentle && phases.some((phase) => !phase.endsWith('done')))
    return `not done though no task failed: ${phases.join(', ')}`;
  return null;
}

export interface CrashReport {
  /** Null: the run without that death. */
  readonly crashPoint: CrashPoint | null;
  readonly report: SimulationReport;
}

/** Runs the seed again and again, each time with the coordinator dying at another place of its journal: every one. */
export function* simulateEveryCrash(seed: number, rules?: Rules): Generator<CrashReport, void, unknown> {
  const own = rules === undefined ? {} : { rules };
  const report = simulate(seed, own);
  yield { crashPoint: null, report };
  for (let journalLength = 1; journalLength <= report.journalLength; journalLength += 1) {
    for (const fsync of ['under-way', 'done'] as const) {
      const crashPoint = { journalLength, fsync };
      yield { crashPoint, report: simulate(seed, { ...own, crashPoint }) };
    }
  }
}
