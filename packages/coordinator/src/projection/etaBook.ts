import type { JobId } from '@reelmill/protocol';

export interface EtaFacts {
  readonly framesTotal: number;
  readonly framesLeft: number;
  readonly fps: number;
  readonly chunksDone: number;
  readonly chunksTotal: number;
  readonly nowMs: number;
}
export type EtaRange = { fromSeconds: number; toSeconds: number };

interface JobEta {
  fpsMean: number;
  measuredAtMs: number;
  shown: EtaRange | null;
  shownAtMs: number;
  /** Estimate kept at about a third of the way: compared with the truth at the end. */
  calibration: { atMs: number; seconds: number } | null;
}

const meanOverMs = 15_000;
const changeAtMostEveryMs = 5_000;
const keptRatios = 50;
/** Until enough jobs were measured: from the 8th–92nd percentile of the simulation in ux.md. */
const defaultSpread = { low: 0.8, high: 1.4 } as const;

function percentile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? 1;
}

/** Steps of 5 s below a minute, else 1, 5 or 15 minutes (ux.md "ETA"). */
function rounded(seconds: number): number {
  const step = seconds < 60 ? 5 : seconds < 30 * 60 ? 60 : seconds < 2 * 3600 ? 300 : 900;
  return Math.round(seconds / step) * step;
}

/** Ranges of remaining time, calibrated by how earlier estimates of this process turned out. */
export class EtaBook {
  readonly #jobs = new Map<JobId, JobEta>();
  readonly #ratios: number[] = [];

  /** Null while there is too little to go by: fewer than three chunks, or no speed. */
  range(jobId: JobId, facts: EtaFacts): EtaRange | null {
    const job = this.#measure(jobId, facts);
    if (!this.#enough(facts) || job.fpsMean <= 0) {
      job.shown = null;
      return null;
    }
    const seconds = facts.framesLeft / job.fpsMean;
    if (job.calibration === null && facts.framesLeft < 0.7 * facts.framesTotal) {
      job.calibration = { atMs: facts.nowMs, seconds };
    }
    if (job.shown !== null && facts.nowMs - job.shownAtMs < changeAtMostEveryMs) return job.shown;
    job.shown = this.#spread(seconds);
    job.shownAtMs = facts.nowMs;
    return job.shown;
  }

  /** The job ended well: its estimate becomes a lesson. */
  finished(jobId: JobId, nowMs: number): void {
    const calibration = this.#jobs.get(jobId)?.calibration;
    this.#jobs.delete(jobId);
    if (calibration === null || calibration === undefined || calibration.seconds < 1) return;
    this.#ratios.push((nowMs - calibration.atMs) / 1000 / calibration.seconds);
    if (this.#ratios.length > keptRatios) this.#ratios.shift();
  }

  forget(jobId: JobId): void {
    this.#jobs.delete(jobId);
  }

  #enough(facts: EtaFacts): boolean {
    if (facts.chunksTotal >= 4) return facts.chunksDone >= 3;
    return facts.framesLeft < 0.8 * facts.framesTotal;
  }

  #measure(jobId: JobId, facts: EtaFacts): JobEta {
    const known = this.#jobs.get(jobId);
    if (known === undefined) {
      const fresh = { fpsMean: facts.fps, measuredAtMs: facts.nowMs, shown: null, shownAtMs: 0, calibration: null };
      this.#jobs.set(jobId, fresh);
      return fresh;
    }
    const weight = 1 - Math.exp(-(facts.nowMs - known.measuredAtMs) / meanOverMs);
    known.fpsMean = known.fpsMean === 0 ? facts.fps : known.fpsMean + weight * (facts.fps - known.fpsMean);
    known.measuredAtMs = facts.nowMs;
    return known;
  }

  #spread(seconds: number): EtaRange {
    const sorted = [...this.#ratios].sort((a, b) => a - b);
    const enough = sorted.length >= 8;
    const low = enough ? percentile(sorted, 0.08) : defaultSpread.low;
    const high = enough ? percentile(sorted, 0.92) : defaultSpread.high;
    return { fromSeconds: rounded(seconds * low), toSeconds: Math.max(5, rounded(seconds * high)) };
  }
}
