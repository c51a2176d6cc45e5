import { SimulatedClient } from './client.ts';
import { Nemesis } from './nemesis.ts';
import { type Rules, trueRules } from './rules.ts';
import { World } from './world.ts';

const faultsEndMs = 45_000;
/** P10: every job ends within this time after the last fault. */
const healingMs = 2_000_000;

export interface SimulationReport {
  readonly seed: number;
  /** The first broken promise, or null. */
  readonly fault: string | null;
  readonly steps: number;
  readonly virtualMs: number;
}

/** Runs one seed: a farm under faults, then healed until every job ended; all promises watched at every step. */
export function simulate(seed: number, rules: Rules = trueRules): SimulationReport {
  const world = new World(seed, rules);
  const { timeline, watch, coordinator } = world;
  const nemesis = new Nemesis(world);
  const client = new SimulatedClient(world);
  coordinator.start();
  for (const agent of world.agents) timeline.after(world.random.between(0, 3000), () => agent.start());
  nemesis.start(faultsEndMs);
  client.start(faultsEndMs);
  timeline.run(faultsEndMs, () => watch.fault !== null);
  if (watch.fault === null) nemesis.heal();
  const ended = () => client.isDone && [...coordinator.state.jobs.values()].every((job) => job.phase.kind !== 'active');
  timeline.run(faultsEndMs + healingMs, () => watch.fault !== null || (timeline.now > faultsEndMs + 10_000 && ended()));
  watch.replayed(coordinator.journal.read(), coordinator.state);
  const fault = watch.fault ?? endFault(world, ended());
  return { seed, fault, steps: timeline.steps, virtualMs: timeline.now };
}

function endFault({ gentle, coordinator }: World, ended: boolean): string | null {
  const phases = [...coordinator.state.jobs.values()].map(({ jobId, phase }) => `${jobId} ${phase.kind}`);
  if (!ended) return `P10: not ended long after the last fault: ${phases.join(', ')}`;
  if (gentle && phases.some((phase) => !phase.endsWith('done')))
    return `not done though no task failed: ${phases.join(', ')}`;
  return null;
}
