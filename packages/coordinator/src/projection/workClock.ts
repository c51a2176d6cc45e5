import type { JobId } from '@reelmill/protocol';
import type { JobRecord } from '@reelmill/scheduler';
import type { ProjectionClock } from './createProjection.ts';
import type { JobStage } from './jobStage.ts';

/** How long jobs have been worked on: told by what happens, so that nobody has to look meanwhile. */
export class WorkClock {
  readonly #clock: ProjectionClock;
  readonly #startedMs: number;
  readonly #since = new Map<JobId, number>();
  readonly #ended = new Map<JobId, number>();

  constructor(clock: ProjectionClock) {
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
  }

  /** Something of the job was granted. */
  worked(jobId: JobId): void {
    if (!this.#since.has(jobId)) this.#since.set(jobId, this.#clock.nowMs());
  }

  ended(jobId: JobId): void {
    const since = this.#since.get(jobId);
    if (since !== undefined) this.#ended.set(jobId, this.#clock.nowMs() - since);
  }

  forget(jobId: JobId): void {
    this.#since.delete(jobId);
    this.#ended.delete(jobId);
  }

  /** Whole seconds; null before the first. Jobs that ended before this process started count from their submission. */
  seconds(record: JobRecord, stage: JobStage): number | null {
    if (stage.state === 'queued') return null;
    const { jobId, finishedAtIso, submittedAtIso } = record;
    const workedMs =
      finishedAtIso === null
        ? this.#clock.nowMs() - (this.#since.get(jobId) ?? this.#startedMs)
        : (this.#ended.get(jobId) ?? Date.parse(finishedAtIso) - Date.parse(submittedAtIso));
    return Math.max(0, Math.floor(workedMs / 1000));
  }
}
