import type { JobId } from '@reelmill/protocol';
import type { JobRecord, TaskPlan } from '@reelmill/scheduler';
import type { CoreContext } from '../coreContext.ts';
import type { HouseProgress } from '../farmCorePort.ts';
import type { JobRequest } from '../jobRecords.ts';

/** One attempt of a house task: everything its function may use. */
export interface HouseCall {
  readonly context: CoreContext;
  readonly jobId: JobId;
  readonly job: JobRecord;
  readonly request: JobRequest;
  readonly plan: TaskPlan;
  readonly signal: AbortSignal;
  progress(step: Pick<HouseProgress, 'phase'> & Partial<Pick<HouseProgress, 'bytes' | 'percent'>>): void;
}

/** Results of other tasks made this attempt pointless: they are made again, and this task waits for them. */
export const reopened = Symbol('reopened');
/** The report journaled with the result (≤ 64 KiB), or `reopened`. */
export type HouseTask = (call: HouseCall) => Promise<unknown>;
