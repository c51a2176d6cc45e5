import type { JobId, TaskId } from '@reelmill/protocol';
import type { Command, Decision, Effect, SchedulerLimits } from './command.ts';
import type { SchedulerEvent } from './event.ts';
import { evolve } from './evolve.ts';
import type { ClockMs, Lease, SchedulerState } from './model.ts';

export type RejectionReason = Extract<Decision, { kind: 'rejected' }>['reason'];

/**
 * A decision in the making: facts so far, and the state they lead to, so that later steps (expiry, assignment) see
 * what earlier ones decided. Lives inside one `decide` call only.
 */
export class Draft {
  readonly limits: SchedulerLimits;
  /** Lease clock of the command; never before the state's. */
  readonly at: ClockMs;
  readonly iso: string;
  readonly events: SchedulerEvent[] = [];
  readonly effects: Effect[] = [];
  state: SchedulerState;

  constructor(state: SchedulerState, command: Command, limits: SchedulerLimits) {
    this.state = state;
    this.limits = limits;
    this.at = command.type === 'boot' ? command.at : Math.max(command.at, state.clock);
    this.iso = command.iso;
  }

  emit(event: SchedulerEvent): void {
    this.events.push(event);
    this.state = evolve(this.state, event);
  }

  effect(effect: Effect): void {
    this.effects.push(effect);
  }

  /** Tells the holder of a lease that its attempt no longer counts. */
  stopAttempt(taskId: TaskId, lease: Lease): void {
    const { attempt, nodeId } = lease;
    if (nodeId === 'house') this.effect({ type: 'cancel-house-task', taskId, attempt });
    else this.effect({ type: 'cancel-lease', nodeId, taskId, attempt });
  }

  /** Stops every attempt of the job that is under way. */
  stopJob(jobId: JobId): void {
    for (const leases of this.state.index.leases.values()) {
      for (const [taskId, lease] of leases) {
        if (this.state.tasks.get(taskId)?.plan.jobId === jobId) this.stopAttempt(taskId, lease);
      }
    }
  }
}
