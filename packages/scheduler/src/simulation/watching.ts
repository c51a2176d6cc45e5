import type { JobId, TaskId } from '@reelmill/protocol';
import type { SchedulerEvent } from '../event.ts';
import type { SchedulerState } from '../model.ts';
import type { UntimedCommand } from './messages.ts';

/** One decision, as it is seen from outside. */
export interface Step {
  readonly before: SchedulerState;
  readonly command: UntimedCommand;
  readonly events: readonly SchedulerEvent[];
}

export type Event = SchedulerEvent;
export type EventOf<T extends SchedulerEvent['type']> = Extract<SchedulerEvent, { type: T }>;
export type Broken = (promise: string) => void;

/** Ids tell what the watch must know of a task, so that it need not ask the scheduler. */
export const jobOfTask = (taskId: TaskId): JobId => taskId.slice(0, taskId.indexOf('/')) as JobId;
export const isSoundTask = (taskId: TaskId): boolean => taskId.endsWith('/audio');
