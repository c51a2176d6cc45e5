import { type JobId, NodeId } from '@reelmill/protocol';
import { jobNamed, letters, type TestJob } from '../testFarm.ts';
import { SimulatedAgent } from './agent.ts';
import { SimulatedCoordinator } from './coordinator.ts';
import type { CrashPoint } from './dispatch.ts';
import { EventRecord } from './eventRecord.ts';
import { HouseWork } from './houseWork.ts';
import { Network } from './network.ts';
import { PromiseWatch } from './promiseWatch.ts';
import { Random } from './random.ts';
import { type Rules, trueRules } from './rules.ts';
import { chunkDiskBytes, randomDisk, type SimulatedDisk } from './simulatedDisk.ts';
import { SimulatedStore } from './store.ts';
import { Timeline } from './timeline.ts';

export interface WorldOptions {
  /** What is under test; default: the true rules. */
  readonly rules?: Rules;
  readonly crashPoint?: CrashPoint;
  /** Gets every decision and every fault as a line. */
  readonly trace?: (line: string) => void;
}

const fsyncs = ['under-way', 'done'] as const;

type Rate = (worst: number) => number;

/** One farm of one seed: how many agents, how fast, how bad the network is, all drawn from the seed. */
export class World {
  readonly timeline = new Timeline();
  readonly random: Random;
  readonly network: Network;
  readonly store: SimulatedStore;
  readonly record: EventRecord;
  readonly watch: PromiseWatch;
  readonly coordinator: SimulatedCoordinator;
  readonly agents: SimulatedAgent[] = [];
  readonly jobs = new Map<JobId, TestJob>();
  readonly houseWork: HouseWork;
  /** Those that somebody measures. */
  readonly disks: SimulatedDisk[] = [];
  /** No task fails by itself and nobody cancels: every job must then end done. */
  readonly gentle: boolean;

  constructor(seed: number, options: WorldOptions = {}) {
    const random = new Random(seed);
    this.random = random;
    this.gentle = random.chance(0.4);
    const rate: Rate = (worst) => (random.chance(0.5) ? 0 : random.between(0, worst));
    const { timeline, agents, jobs } = this;
    const worst = this.gentle ? 0.5 : 1;
    this.network = new Network(timeline, random, { drop: rate(0.25), duplicate: rate(0.3), delay: rate(0.3) });
    const patience = new Random(seed ^ 0x68616e67);
    const hangs = patience.chance(0.3) ? patience.between(0.05, 0.4) : 0;
    const faults = { refuses: rate(0.3 * worst), answersLate: rate(0.3 * worst), flips: rate(0.1 * worst), hangs };
    this.store = new SimulatedStore(random, faults, patience);
    this.record = new EventRecord(options.trace ?? null);
    this.watch = new PromiseWatch(
      () => timeline.now,
      (nodeId, lease) => agents.some((agent) => agent.traits.nodeId === nodeId && agent.holds(lease)),
    );
    const { network, store, record, watch } = this;
    const { rules = trueRules } = options;
    const ownCrash = random.chance(0.3) ? { journalLength: random.whole(1, 60), fsync: random.pick(fsyncs) } : null;
    const crashPoint = options.crashPoint ?? ownCrash;
    this.coordinator = new SimulatedCoordinator({ timeline, random, network, store, record, watch, rules, crashPoint });
    this.houseWork = new HouseWork(this.coordinator, { timeline, random, store, watch, jobs });
    this.coordinator.houseWork = this.houseWork;
    if (!this.gentle) Object.assign(this.houseWork, { faults: rate(0.15), cancels: rate(0.3) });
    this.addAgents(random.whole(1, 4), { rate, capsOf: new Random(seed ^ 0x6b696e64) });
    this.addJobs(random.whole(1, 3));
    this.addDisks(new Random(~seed));
  }

  /** Each takes at least one task, and one job, while nobody else fills it. */
  private addDisks(random: Random): void {
    this.coordinator.disk = randomDisk(random, [9, 20]);
    for (const agent of this.agents) agent.disk = randomDisk(random, [chunkDiskBytes + 1, 3 * chunkDiskBytes]);
    for (const disk of [this.coordinator.disk, ...this.agents.map((agent) => agent.disk)]) {
      if (disk === null) continue;
      this.disks.push(disk);
      for (let count = random.whole(0, 4); count > 0; count -= 1) {
        this.timeline.after(random.between(500, 44_000), () => disk.fill(random));
      }
    }
  }

  /** For whoever reads the trace. */
  note(text: () => string): void {
    this.record.note(this.timeline.now, text);
  }

  private addAgents(count: number, { rate, capsOf }: { readonly rate: Rate; readonly capsOf: Random }): void {
    const { timeline, random, network, store, coordinator } = this;
    const bad = this.gentle ? 0 : random.whole(0, count - 1);
    for (let index = 0; index < count; index += 1) {
      const nodeId = NodeId.parse(`node-${letters(index, 2)}`);
      const wild = index < bad && random.chance(0.5);
      const traits = {
        nodeId,
        slots: random.whole(1, 2),
        waitingOffers: random.pick([0, 0, 4]),
        kindCaps: capsOf.pick([{}, {}, { encode: 1 }, { audio: 1 }, { encode: 1, audio: 1 }]),
        slowness: random.chance(0.2) ? 8 : 1,
        clockSkewMs: random.pick([0, -20_000, 60_000, -86_400_000]),
        ownFaults: this.gentle ? 0 : rate(0.1),
        flaw: random.pick(['short', 'odd'] as const),
        flaws: wild && random.chance(0.6) ? random.between(0.3, 1) : 0,
        falseHashes: wild ? rate(0.3) : 0,
      };
      const agent = new SimulatedAgent({ timeline, random, network, store, door: coordinator }, traits);
      agent.bad = wild && traits.flaws === 0;
      this.agents.push(agent);
      coordinator.agents.set(nodeId, agent);
    }
  }

  private addJobs(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const options = {
        audio: this.random.chance(0.5),
        hash: this.random.chance(0.5),
        needs: { diskBytes: chunkDiskBytes },
      };
      const job = jobNamed(letters(index, 2), this.random.whole(1, this.random.chance(0.1) ? 24 : 6), options);
      this.jobs.set(job.jobId, job);
    }
  }
}
