import type { DeadlineRisk, JobView } from '@reelmill/protocol';

export interface DeadlineFacts {
  readonly deadlineIso: string | null;
  readonly finishedAtIso: string | null;
  readonly hasEnded: boolean;
  readonly eta: JobView['eta'];
  /** Predicted CPU seconds of the whole job, while it has no estimate; null before its plan. */
  readonly predictedCpuSeconds: number | null;
  /** Slots of the farm now. */
  readonly slots: number;
  /** Wall time, epoch milliseconds. */
  readonly nowMs: number;
}

/**
 * Whether a job makes its deadline: `late` once that is over before the job is; `at-risk` where the later end of its
 * estimate lies behind it, or, while nothing was measured, where even the whole farm could not do the work until then.
 */
export function deadlineRisk(facts: DeadlineFacts): DeadlineRisk {
  if (facts.deadlineIso === null) return 'none';
  const deadlineMs = Date.parse(facts.deadlineIso);
  if (facts.hasEnded) return Date.parse(facts.finishedAtIso ?? '') > deadlineMs ? 'late' : 'none';
  if (facts.nowMs > deadlineMs) return 'late';
  return facts.nowMs + 1000 * longestSeconds(facts) > deadlineMs ? 'at-risk' : 'none';
}

function longestSeconds({ eta, predictedCpuSeconds, slots }: DeadlineFacts): number {
  if (eta !== null) return eta.toSeconds;
  return (predictedCpuSeconds ?? 0) / Math.max(1, slots);
}
