import { FarmError, type JobId, type TaskId } from '@reelmill/protocol';
import type { TestJob } from '../testFarm.ts';
import type { SimulatedCoordinator } from './coordinator.ts';
import type { Outcome } from './messages.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** Tasks beside the coordinator: they die with it, and act on it as the real ones do. */
export class HouseWork {
  private readonly timeline: Timeline;
  private readonly random: Random;
  private readonly coordinator: SimulatedCoordinator;
  private readonly jobs: ReadonlyMap<JobId, TestJob>;
  private running = new Map<TaskId, number>();
  private life = 0;
  /** How often a task fails, or finds a committed chunk to be bad. */
  faults = 0;

  constructor(
    coordinator: SimulatedCoordinator,
    world: { timeline: Timeline; random: Random; jobs: ReadonlyMap<JobId, TestJob> },
  ) {
    this.coordinator = coordinator;
    this.timeline = world.timeline;
    this.random = world.random;
    this.jobs = world.jobs;
  }

  run(taskId: TaskId, attempt: number): void {
    this.running.set(taskId, attempt);
    const { life } = this;
    this.timeline.after(this.random.between(50, 1500), () => {
      if (life === this.life && this.running.get(taskId) === attempt) this.end(taskId, attempt);
    });
  }

  stop(taskId: TaskId, attempt: number): void {
    if (this.running.get(taskId) === attempt) this.running.delete(taskId);
  }

  stopAll(): void {
    this.running = new Map();
    this.life += 1;
  }

  private end(taskId: TaskId, attempt: number): void {
    this.coordinator.fromInside(() => {
      this.running.delete(taskId);
      const plan = this.coordinator.state.tasks.get(taskId)?.plan;
      const job = plan === undefined ? undefined : this.jobs.get(plan.jobId);
      if (plan === undefined || job === undefined) return;
      if (this.random.chance(this.faults)) return this.goesWrong(job, { taskId, attempt, kind: plan.kind });
      if (plan.kind === 'publish') this.publish(job);
      const planned = plan.kind === 'probe' ? () => this.plan(job) : () => undefined;
      // Either order of plan and result must do, also across a crash between them.
      const planFirst = this.random.chance(0.8);
      if (planFirst) planned();
      this.finish({ taskId, attempt }, completed);
      if (!planFirst) planned();
    });
  }

  private goesWrong(job: TestJob, task: { taskId: TaskId; attempt: number; kind: string }): void {
    const { state } = this.coordinator;
    if (task.kind === 'assemble' && this.random.chance(0.7)) {
      const chunk = this.random.pick(job.chunks);
      const phase = state.tasks.get(chunk)?.phase;
      const error = new FarmError('STORAGE_CORRUPT').toData();
      if (phase?.kind !== 'completed') return;
      this.coordinator.does({ type: 'reopen-task', taskId: chunk, attempt: phase.attempt, error });
      return;
    }
    const code = this.random.chance(0.5) ? 'STORAGE_UNREACHABLE' : 'ENCODE_FAILED';
    this.finish(task, { kind: 'failed', error: new FarmError(code).toData() });
  }

  private plan(job: TestJob): void {
    this.coordinator.does({
      type: 'plan-job',
      jobId: job.jobId,
      plan: { chunks: job.chunks.length },
      tasks: job.planned,
    });
  }

  private publish({ jobId }: TestJob): void {
    const output = { rendition: 'h264-720p', path: `/out/${jobId}.mp4`, sha256: '', sizeBytes: 1, frames: 1 } as const;
    for (const state of ['publishing', 'published'] as const) {
      this.coordinator.does({ type: 'note-output', jobId, output: { ...output, state } as never });
    }
  }

  private finish({ taskId, attempt }: { taskId: TaskId; attempt: number }, outcome: Outcome): void {
    this.coordinator.does({ type: 'finish-task', nodeId: 'house', taskId, attempt, outcome });
  }
}

const result = {
  artifacts: [],
  report: null,
  sourceSha256: null,
  wallSeconds: 1,
  nodeId: 'house',
  nodeName: 'house',
} as const;
const completed: Outcome = { kind: 'completed', result };
