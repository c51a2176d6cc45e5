import { type JobId, NodeId } from '@reelmill/protocol';
import { jobNamed, type TestJob } from '../testFarm.ts';
import { SimulatedAgent } from './agent.ts';
import { SimulatedCoordinator } from './coordinator.ts';
import { HouseWork } from './houseWork.ts';
import { Network } from './network.ts';
import { PromiseWatch } from './promiseWatch.ts';
import { Random } from './random.ts';
import { type Rules, trueRules } from './rules.ts';
import { Timeline } from './timeline.ts';

const letters = (value: number): string =>
  [...String(value).padStart(2, '0')].map((digit) => 'abcdefghij'[Number(digit)]).join('');

/** One farm of one seed: how many agents, how fast, how bad the network is, all drawn from the seed. */
export class World {
  readonly timeline = new Timeline();
  readonly random: Random;
  readonly network: Network;
  readonly watch: PromiseWatch;
  readonly coordinator: SimulatedCoordinator;
  readonly agents: SimulatedAgent[];
  readonly jobs = new Map<JobId, TestJob>();
  readonly houseWork: HouseWork;
  /** No task fails by itself and nobody cancels: every job must then end done. */
  readonly gentle: boolean;

  constructor(seed: number, rules: Rules = trueRules) {
    const random = new Random(seed);
    this.random = random;
    this.gentle = random.chance(0.4);
    const rate = (worst: number) => (random.chance(0.5) ? 0 : random.between(0, worst));
    const faults = { drop: rate(0.25), duplicate: rate(0.3), delay: rate(0.3) };
    this.network = new Network(this.timeline, random, faults);
    const agents: SimulatedAgent[] = [];
    this.agents = agents;
    this.watch = new PromiseWatch(
      () => this.timeline.now,
      (nodeId, lease) => agents.some((agent) => agent.traits.nodeId === nodeId && agent.holds(lease)),
    );
    const parts = { timeline: this.timeline, random, network: this.network, watch: this.watch, rules };
    this.coordinator = new SimulatedCoordinator(parts);
    this.houseWork = new HouseWork(this.coordinator, { timeline: this.timeline, random, jobs: this.jobs });
    this.coordinator.houseWork = this.houseWork;
    if (!this.gentle) this.houseWork.faults = rate(0.15);
    this.addAgents(random.whole(1, 4), rate);
    this.addJobs(random.whole(1, 3));
  }

  private addAgents(count: number, rate: (worst: number) => number): void {
    const { timeline, random, network, coordinator } = this;
    const bad = this.gentle ? 0 : random.whole(0, count - 1);
    for (let index = 0; index < count; index += 1) {
      const nodeId = NodeId.parse(`node-${letters(index)}`);
      const traits = {
        nodeId,
        slots: random.whole(1, 2),
        slowness: random.chance(0.2) ? 8 : 1,
        clockSkewMs: random.pick([0, -20_000, 60_000, -86_400_000]),
        storeFaults: this.gentle ? 0 : rate(0.2),
        ownFaults: this.gentle ? 0 : rate(0.1),
      };
      const agent = new SimulatedAgent({ timeline, random, network, door: coordinator }, traits);
      agent.bad = index < bad && random.chance(0.5);
      this.agents.push(agent);
      coordinator.agents.set(nodeId, agent);
    }
  }

  private addJobs(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const options = { audio: this.random.chance(0.5), hash: this.random.chance(0.5) };
      const job = jobNamed(letters(index), this.random.whole(1, 6), options);
      this.jobs.set(job.jobId, job);
    }
  }
}
