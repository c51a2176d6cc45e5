import type { JobId } from '@reelmill/protocol';
import type { SubmittedOrder } from '../jobOrder.ts';
import type { TestJob } from '../testFarm.ts';
import type { World } from './world.ts';

/** Someone at the API: submits until acknowledged, and where the world is not gentle cancels, retries and removes. */
export class SimulatedClient {
  private readonly world: World;
  private readonly acknowledged = new Set<JobId>();
  private readonly orders: ReadonlyMap<JobId, SubmittedOrder | undefined>;

  constructor(world: World, submittedOrder: () => SubmittedOrder | undefined) {
    this.world = world;
    this.orders = new Map([...world.jobs.keys()].map((jobId) => [jobId, submittedOrder()]));
  }

  start(faultsEndMs: number): void {
    const { random, timeline, jobs, gentle } = this.world;
    for (const job of jobs.values()) timeline.after(random.between(0, 8000), () => this.submit(job));
    if (gentle) return;
    for (let count = random.whole(0, 4); count > 0; count -= 1) {
      const job = random.pick([...jobs.values()]);
      timeline.after(random.between(5000, faultsEndMs), () => this.meddle(job));
    }
  }

  get isDone(): boolean {
    return this.acknowledged.size === this.world.jobs.size;
  }

  private submit(job: TestJob): void {
    const { coordinator, timeline, watch } = this.world;
    const { jobId } = job;
    // Ids are never used twice: a job that was removed before its answer came is not submitted again.
    if (watch.isRemovalAsked(jobId)) this.acknowledged.add(jobId);
    if (this.acknowledged.has(jobId)) return;
    coordinator.fromInside(() => {
      const order = this.orders.get(jobId);
      const submission = { jobId, request: { jobId }, tasks: [job.probe], ...(order && { order }) };
      coordinator.does({ type: 'submit-job', ...submission }, () => {
        this.acknowledged.add(jobId);
        watch.acknowledgedJob(jobId);
      });
    });
    timeline.after(3000, () => this.submit(job));
  }

  private meddle({ jobId, chunks }: TestJob): void {
    const { agents, coordinator, random, timeline, watch } = this.world;
    coordinator.fromInside(() => {
      const type = random.pick(['cancel-job', 'retry-job', 'cancel-job', 'remove-job', 'give-up-job'] as const);
      if (type === 'remove-job') watch.removalAsked(jobId);
      if (type === 'retry-job') coordinator.does({ type, jobId, replan: random.chance(0.5) });
      else coordinator.does({ type, jobId });
    });
    timeline.after(random.between(100, 8000), () => {
      const avoid = { taskId: random.pick(chunks), nodeIds: [random.pick(agents).traits.nodeId] };
      const how = random.chance(0.3) ? { replan: true } : random.chance(0.5) ? { avoid } : {};
      coordinator.fromInside(() => coordinator.does({ type: 'retry-job', jobId, ...how }));
    });
  }
}
