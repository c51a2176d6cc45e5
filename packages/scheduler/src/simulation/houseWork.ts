import { type ErrorCode, FarmError, type JobId, type Sha256, type TaskId } from '@reelmill/protocol';
import type { TaskResult } from '../model.ts';
import type { TestJob } from '../testFarm.ts';
import { filmOf, flawOf, partsOf } from './content.ts';
import type { SimulatedCoordinator } from './coordinator.ts';
import type { Outcome } from './messages.ts';
import type { PromiseWatch } from './promiseWatch.ts';
import type { Random } from './random.ts';
import { jobSpace } from './simulatedDisk.ts';
import { acceptedKey, type SimulatedStore } from './store.ts';
import type { Timeline } from './timeline.ts';
import { jobOfTask } from './watching.ts';

interface Surroundings {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly store: SimulatedStore;
  readonly watch: PromiseWatch;
  readonly jobs: ReadonlyMap<JobId, TestJob>;
}
interface Attempt {
  readonly taskId: TaskId;
  readonly attempt: number;
}

/** Tasks beside the coordinator: they die with it, and act on it as the real ones do. */
export class HouseWork {
  private readonly world: Surroundings;
  private readonly coordinator: SimulatedCoordinator;
  private running = new Map<TaskId, number>();
  private life = 0;
  /** How often a task fails, or finds a committed chunk to be bad. */
  faults = 0;
  /** How often someone cancels a job just while it publishes. */
  cancels = 0;

  constructor(coordinator: SimulatedCoordinator, world: Surroundings) {
    this.coordinator = coordinator;
    this.world = world;
  }

  run(taskId: TaskId, attempt: number): void {
    this.running.set(taskId, attempt);
    const { life } = this;
    const { timeline, random } = this.world;
    timeline.after(random.between(50, 1500), () => {
      if (life !== this.life) return;
      if (this.running.get(taskId) === attempt) this.end({ taskId, attempt });
      else if (taskId.endsWith('/publish')) this.publishTooLate(taskId);
    });
    if (taskId.endsWith('/publish') && random.chance(this.cancels)) this.cancelSoon(jobOfTask(taskId));
  }

  private cancelSoon(jobId: JobId): void {
    const { timeline, random } = this.world;
    timeline.after(random.between(0, 1500), () =>
      this.coordinator.fromInside(() => this.coordinator.does({ type: 'cancel-job', jobId })),
    );
  }

  /** Its stop and its word crossed: whether it may publish is for the scheduler to say. */
  private publishTooLate(taskId: TaskId): void {
    this.coordinator.fromInside(() => {
      const jobId = jobOfTask(taskId);
      const output = { rendition: 'h264-720p', path: `/out/${jobId}.mp4`, sha256: '', sizeBytes: 1, frames: 1 };
      this.coordinator.does({ type: 'note-output', jobId, output: { ...output, state: 'publishing' } as never });
    });
  }

  stop(taskId: TaskId, attempt: number): void {
    if (this.running.get(taskId) === attempt) this.running.delete(taskId);
  }

  stopAll(): void {
    this.running = new Map();
    this.life += 1;
  }

  /** Attempts under way now. */
  get attempts(): Iterable<readonly [TaskId, number]> {
    return this.running;
  }

  private end(attempt: Attempt): void {
    this.coordinator.fromInside(() => {
      this.running.delete(attempt.taskId);
      const plan = this.coordinator.state.tasks.get(attempt.taskId)?.plan;
      const job = plan === undefined ? undefined : this.world.jobs.get(plan.jobId);
      if (plan === undefined || job === undefined) return;
      if (this.world.random.chance(this.faults)) this.goesWrong(job, attempt, plan.kind);
      else if (plan.kind === 'assemble') this.assemble(job, attempt);
      else if (plan.kind === 'publish') this.publish(job, attempt);
      else if (plan.kind === 'probe') this.plan(job, attempt);
      else this.finish(attempt, completed());
    });
  }

  private goesWrong(job: TestJob, attempt: Attempt, kind: string): void {
    const { random } = this.world;
    if (kind === 'assemble' && random.chance(0.7)) {
      this.reopen(random.pick(job.chunks), random.chance(0.5) ? 'STORAGE_CORRUPT' : 'DECODE_FAILED');
      return;
    }
    this.finish(attempt, failed(random.chance(0.5) ? 'STORAGE_UNREACHABLE' : 'ENCODE_FAILED'));
  }

  private reopen(taskId: TaskId, code: ErrorCode): void {
    const phase = this.coordinator.state.tasks.get(taskId)?.phase;
    if (phase?.kind !== 'completed') return;
    const error = new FarmError(code).toData();
    this.coordinator.does({ type: 'reopen-task', taskId, attempt: phase.attempt, error });
  }

  /** Either order of plan and result must do, also across a crash between them. */
  private plan(job: TestJob, attempt: Attempt): void {
    const { jobId, planned, chunks } = job;
    const tell = () =>
      this.coordinator.does({
        type: 'plan-job',
        jobId,
        plan: { chunks: chunks.length },
        tasks: planned,
        space: [jobSpace],
      });
    const planFirst = this.world.random.chance(0.5);
    if (planFirst) tell();
    this.finish(attempt, completed());
    if (!planFirst) tell();
  }

  /** Every part is hashed against its committed result, and held against its neighbours; bad ones are made again. */
  private assemble(job: TestJob, attempt: Attempt): void {
    const parts = partsOf(job).map((taskId) => ({ taskId, content: this.world.store.get(acceptedKey(taskId)) }));
    const guilty = parts.filter(({ taskId, content }) => content === undefined || content !== this.committed(taskId));
    const odd = parts.filter(({ content }) => content !== undefined && flawOf(content) !== 'none');
    for (const { taskId } of guilty) this.reopen(taskId, 'STORAGE_CORRUPT');
    for (const { taskId } of odd)
      if (!guilty.some((one) => one.taskId === taskId)) this.reopen(taskId, 'OVERLAP_MISMATCH');
    if (guilty.length + odd.length > 0) return;
    this.finish(attempt, completed(filmOf(parts.map(({ content }) => content ?? ''))));
  }

  /** The hash of the committed result of a task. */
  private committed(taskId: TaskId): string | undefined {
    const phase = this.coordinator.state.tasks.get(taskId)?.phase;
    return phase?.kind === 'completed' ? phase.result.artifacts[0]?.sha256 : undefined;
  }

  private publish(job: TestJob, attempt: Attempt): void {
    const { jobId } = job;
    const film = this.committed(job.assemble) ?? '';
    const sha256 = film as Sha256;
    const output = { rendition: 'h264-720p', path: `/out/${jobId}.mp4`, sha256, sizeBytes: 1, frames: 1 } as const;
    const note = (state: 'publishing' | 'published', then: (verdict: string) => void) =>
      this.coordinator.does({ type: 'note-output', jobId, output: { ...output, state } as never }, then);
    note('publishing', (verdict) => {
      if (verdict !== 'accepted') return;
      this.world.watch.jobs.published(job, film);
      note('published', () => undefined);
      this.finish(attempt, completed());
    });
  }

  private finish({ taskId, attempt }: Attempt, outcome: Outcome): void {
    this.coordinator.does({ type: 'finish-task', nodeId: 'house', taskId, attempt, outcome });
  }
}

const failed = (code: ErrorCode): Outcome => ({ kind: 'failed', error: new FarmError(code).toData() });

function completed(content?: string): Outcome {
  const artifact = { name: 'out', key: 'joined', sizeBytes: 1, sha256: (content ?? '') as Sha256 };
  const artifacts = content === undefined ? [] : [artifact];
  const base = { report: null, sourceSha256: null, wallSeconds: 1, nodeId: 'house', nodeName: 'house' } as const;
  const result: TaskResult = { ...base, artifacts };
  return { kind: 'completed', result };
}
