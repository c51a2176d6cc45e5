import type { JobId } from '@reelmill/protocol';
import type { JobForecast, SchedulerState } from '@reelmill/scheduler';

export interface EtaFacts {
  readonly framesTotal: number;
  readonly framesLeft: number;
  readonly chunksDone: number;
  readonly chunksTotal: number;
  readonly nowMs: number;
}
export type EtaRange = { fromSeconds: number; toSeconds: number };

interface Sample {
  readonly atMs: number;
  readonly framesDone: number;
}
interface JobEta {
  readonly samples: Sample[];
  shown: EtaRange | null;
  shownAtMs: number;
  /** What was shown at about a third of the way: compared with the truth at the end. */
  calibration: { readonly atMs: number; readonly seconds: number; readonly range: EtaRange } | null;
}

/** The rate is that of the last minute: starts, uploads and pauses between chunks are part of it. */
const windowMs = 60_000;
const sampleEveryMs = 1_000;
const changeAtMostEveryMs = 5_000;
const keptLessons = 50;
/** Until enough jobs were measured: from the 8th–92nd percentile of the simulation in ux.md. */
const defaultSpread = { low: 0.8, high: 1.5 } as const;
const enoughLessons = 8;

function percentile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? 1;
}

/** Steps of 5 s below a minute, else 1, 5 or 15 minutes (ux.md "ETA"). */
function rounded(seconds: number): number {
  const step = seconds < 60 ? 5 : seconds < 30 * 60 ? 60 : seconds < 2 * 3600 ? 300 : 900;
  return Math.round(seconds / step) * step;
}

const isInside = ({ fromSeconds, toSeconds, tookSeconds }: JobForecast): boolean =>
  fromSeconds <= tookSeconds && tookSeconds <= toSeconds;

/** Ranges of remaining time, calibrated by how earlier estimates of this farm turned out. */
export class EtaBook {
  readonly #jobs = new Map<JobId, JobEta>();
  readonly #lessons: JobForecast[];

  /** @param kept of the jobs that ended before, the latest last */
  constructor(kept: readonly JobForecast[] = []) {
    this.#lessons = kept.slice(-keptLessons);
  }

  /** Of the last jobs whose time left was told: how many ended inside their range. */
  record(): { right: number; total: number } {
    return { right: this.#lessons.filter(isInside).length, total: this.#lessons.length };
  }

  /** Null while there is too little to go by: fewer than three chunks, or nothing moves. */
  range(jobId: JobId, facts: EtaFacts): EtaRange | null {
    const job = this.#sampled(jobId, facts);
    const framesPerSecond = this.#rate(job);
    if (!this.#enough(facts) || framesPerSecond <= 0) {
      job.shown = null;
      return null;
    }
    const seconds = facts.framesLeft / framesPerSecond;
    if (job.shown !== null && facts.nowMs - job.shownAtMs < changeAtMostEveryMs) return job.shown;
    job.shown = this.#spread(seconds);
    job.shownAtMs = facts.nowMs;
    if (facts.framesLeft < 0.7 * facts.framesTotal) {
      job.calibration ??= { atMs: facts.nowMs, seconds, range: job.shown };
    }
    return job.shown;
  }

  /** The job ended well: what was promised becomes a lesson. Null where nothing was, or where the job was too short. */
  finished(jobId: JobId, nowMs: number): JobForecast | null {
    const calibration = this.#jobs.get(jobId)?.calibration;
    this.#jobs.delete(jobId);
    if (calibration === null || calibration === undefined || calibration.seconds < 1) return null;
    const { atMs, seconds, range } = calibration;
    const lesson = { estimatedSeconds: seconds, ...range, tookSeconds: (nowMs - atMs) / 1000 };
    this.#lessons.push(lesson);
    if (this.#lessons.length > keptLessons) this.#lessons.shift();
    return lesson;
  }

  forget(jobId: JobId): void {
    this.#jobs.delete(jobId);
  }

  /** A job of few chunks has no third one to wait for: a fifth of its frames must do. */
  #enough(facts: EtaFacts): boolean {
    if (facts.chunksTotal >= 4) return facts.chunksDone >= 3;
    return facts.framesLeft < 0.8 * facts.framesTotal;
  }

  #sampled(jobId: JobId, facts: EtaFacts): JobEta {
    const job: JobEta = this.#jobs.get(jobId) ?? { samples: [], shown: null, shownAtMs: 0, calibration: null };
    this.#jobs.set(jobId, job);
    const last = job.samples.at(-1);
    if (last === undefined || facts.nowMs - last.atMs >= sampleEveryMs) {
      job.samples.push({ atMs: facts.nowMs, framesDone: facts.framesTotal - facts.framesLeft });
    }
    while ((job.samples[0]?.atMs ?? facts.nowMs) < facts.nowMs - windowMs) job.samples.shift();
    return job;
  }

  #rate({ samples }: JobEta): number {
    const [first] = samples;
    const last = samples.at(-1);
    if (first === undefined || last === undefined || last.atMs === first.atMs) return 0;
    return (1000 * (last.framesDone - first.framesDone)) / (last.atMs - first.atMs);
  }

  #spread(seconds: number): EtaRange {
    const ratios = this.#lessons.map(({ tookSeconds, estimatedSeconds }) => tookSeconds / estimatedSeconds);
    const sorted = ratios.sort((a, b) => a - b);
    const enough = sorted.length >= enoughLessons;
    const low = enough ? percentile(sorted, 0.08) : defaultSpread.low;
    const high = enough ? percentile(sorted, 0.92) : defaultSpread.high;
    return { fromSeconds: rounded(seconds * low), toSeconds: Math.max(5, rounded(seconds * high)) };
  }
}

/** What the journal kept of them, in the order in which the jobs ended. */
export const keptForecasts = ({ jobs }: SchedulerState): JobForecast[] =>
  [...jobs.values()]
    .filter(({ forecast }) => forecast !== undefined)
    .sort((left, right) => ((left.finishedAtIso ?? '') < (right.finishedAtIso ?? '') ? -1 : 1))
    .flatMap(({ forecast }) => (forecast === undefined ? [] : [forecast]));
