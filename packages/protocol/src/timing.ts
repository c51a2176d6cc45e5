import type { ErrorCode } from './errorCodes.ts';

/** The farm's clockwork; reliability.md P6: a dead agent is detected within 12 s. */
export const timing = {
  leaseTtlMs: 10_000,
  heartbeatIntervalMs: 2_000,
  /** A jump of the lease clock beyond this (sleep, SIGSTOP) gives every lease one grace period. */
  clockJumpMs: 5_000,
  offerAckTimeoutMs: 5_000,
  uiPatchIntervalMs: 250,
  agentProgressIntervalMs: 250,
} as const;

/** Decision 16. */
export const retryLimits = {
  /** Attempts that may end by the task's own fault before it becomes a dead letter. */
  failureBudget: 3,
  /** Attempts lost to infrastructure before the job is given up. */
  lossCap: 20,
  lossBackoffMs: { first: 500, factor: 2, max: 15_000 },
  failureBackoffMs: { first: 500, factor: 2, max: 5_000 },
  /** Instead of the two above, for causes that take longer to go away. */
  backoffMsByCode: {
    DISK_FULL: { first: 500, factor: 2, max: 60_000 },
    STORAGE_UNREACHABLE: { first: 1_000, factor: 2, max: 30_000 },
    STORAGE_REFUSED: { first: 1_000, factor: 2, max: 30_000 },
  } as Readonly<Partial<Record<ErrorCode, { readonly first: number; readonly factor: number; readonly max: number }>>>,
  /** Tasks of which a node delivered a bad result, and another a good one, before it gets no more work. */
  badResultLimit: 3,
} as const;
