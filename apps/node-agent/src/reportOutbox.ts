import { type FarmError, type FinishedVerdict, type TaskFinished, toFarmError } from '@reelmill/protocol';
import type { Logger } from 'pino';
import { pause } from './waiting.ts';

export interface OutboxOptions {
  readonly log: Logger;
  /** Sends once and waits for the verdict, over reconnects. */
  send(finished: TaskFinished, signal: AbortSignal): Promise<FinishedVerdict>;
  readonly retryMs?: number;
}

export interface ReportOutbox {
  /** Resolves with the verdict; `stale` also when the coordinator no longer knows the task. */
  deliver(finished: TaskFinished, signal: AbortSignal): Promise<FinishedVerdict>;
  /** Reports without a verdict yet. */
  pending(): number;
}

/** Says each result until the coordinator has answered it. Repeating is harmless: results are fenced by attempt. */
export function createReportOutbox(options: OutboxOptions): ReportOutbox {
  let pending = 0;
  return {
    pending: () => pending,
    async deliver(finished, signal) {
      pending += 1;
      try {
        return await deliverUntilAnswered(finished, options, signal);
      } finally {
        pending -= 1;
      }
    },
  };
}

/** The coordinator's journal may be full or stalled for a while; a malformed or unknown report will not get better. */
async function deliverUntilAnswered(
  finished: TaskFinished,
  options: OutboxOptions,
  signal: AbortSignal,
): Promise<FinishedVerdict> {
  for (;;) {
    try {
      return await options.send(finished, signal);
    } catch (cause) {
      signal.throwIfAborted();
      const error = toFarmError(cause);
      const context = { err: error, taskId: finished.taskId, attempt: finished.attempt };
      if (isFinal(error)) {
        options.log.error(context, 'the coordinator refused a report; it is forgotten');
        return 'stale';
      }
      options.log.warn(context, 'the coordinator could not take a report yet; sending it again');
      await pause(options.retryMs ?? 1_000, signal);
    }
  }
}

const isFinal = (error: FarmError): boolean =>
  ['REQUEST_INVALID', 'NOT_FOUND', 'LEASE_LOST', 'FORBIDDEN', 'JOB_STATE'].includes(error.code);
