import type { JobId, JobPosition, JobPriority } from '@reelmill/protocol';
import type { OrderChange, SubmittedOrder } from '../jobOrder.ts';
import type { UntimedCommand } from './messages.ts';
import { Random } from './random.ts';
import type { World } from './world.ts';

/** Queues of every simulated farm; jobs are in none unless their order says so. */
export const simulatedQueues = [
  { name: 'narrow', reserved: 0, cap: 1, priority: 'normal' },
  { name: 'kept', reserved: 1, cap: null, priority: 'normal' },
] as const;

const queueNames = [null, 'narrow', 'kept', 'gone'] as const;
const priorities: readonly JobPriority[] = ['low', 'normal', 'high'];

/**
 * Someone who orders jobs about: priorities, holds, moves, queues, deadlines, pauses, stop markers. Draws from numbers of
 * its own, so that a farm without it runs as it always did. At the end everything is let go on.
 */
export class OrderClient {
  private readonly world: World;
  private readonly random: Random;

  constructor(world: World, seed: number) {
    this.world = world;
    this.random = new Random(seed ^ 0x5bd1e995);
  }

  /** What a job is submitted with; nothing in most farms. */
  submittedOrder(): SubmittedOrder | undefined {
    if (!this.random.chance(0.2)) return undefined;
    return {
      priority: this.random.pick(priorities),
      queue: this.random.pick(queueNames),
      held: this.random.chance(0.2),
    };
  }

  start(endMs: number): void {
    if (!this.random.chance(0.5)) return;
    const { timeline } = this.world;
    for (let count = this.random.whole(1, 8); count > 0; count -= 1) {
      timeline.after(this.random.between(1_000, endMs), () => this.order());
    }
  }

  /** People let everything go on, and say so until it is heard. */
  heal(): void {
    const { jobs, timeline } = this.world;
    this.ask({ type: 'resume-farm' });
    for (const jobId of jobs.keys()) this.change(jobId, { held: false });
    if (timeline.now < 90_000) timeline.after(3_000, () => this.heal());
  }

  private order(): void {
    const { random } = this;
    const jobId = this.anyJob();
    const change = (what: OrderChange): void => this.change(jobId, what);
    const wishes: readonly (() => void)[] = [
      () => change({ held: random.chance(0.7) }),
      () => change({ priority: random.pick(priorities), deadlineIso: '2026-01-01T01:00:00Z' }),
      () => change({ position: this.anyPosition() }),
      () => change({ queue: random.pick(queueNames) }),
      () => this.ask({ type: 'pause-farm', stopAfter: null }),
      () => this.ask({ type: 'pause-farm', stopAfter: jobId }),
      () => this.ask({ type: 'resume-farm' }),
    ];
    random.pick(wishes)();
  }

  private anyJob(): JobId {
    return this.random.pick([...this.world.jobs.keys()]);
  }

  private anyPosition(): JobPosition {
    return this.random.pick(['top', 'bottom', { before: this.anyJob() }, { after: this.anyJob() }] as const);
  }

  private change(jobId: JobId, change: OrderChange): void {
    this.ask({ type: 'order-job', jobId, change });
  }

  private ask(command: UntimedCommand): void {
    const { coordinator, watch } = this.world;
    coordinator.fromInside(() =>
      coordinator.does(command, (verdict) => watch.orders.answered(command, verdict, coordinator.state)),
    );
  }
}
