import { assertNever } from '@reelmill/protocol';
import { pauseNode, resumeNode, setHours } from './closure.ts';
import type { SchedulerEvent } from './event.ts';
import { boot, dropNode, joinNode, patchNode, seeNode, standAs } from './evolveFarm.ts';
import {
  addPlannedTasks,
  changeRequest,
  discardJob,
  endJob,
  giveUpJob,
  noteForecast,
  noteOutput,
  noteScratchRemoved,
  removeJob,
  restoreJob,
  retryJob,
  submitJob,
} from './evolveJob.ts';
import { orderJob, pauseFarm, resumeFarm, setTurnDue } from './evolveOrder.ts';
import {
  complete,
  fail,
  grant,
  lose,
  markDelivering,
  markRecalled,
  markStarted,
  renew,
  reopen,
  softFail,
} from './evolveTask.ts';
import type { SchedulerState } from './model.ts';
import { quarantine, release } from './trust.ts';

/**
 * The state after a fact. Never refuses one that `decide` emitted; the same for live events and for a replayed journal.
 * A host may apply volatile facts while older durable ones still wait for the disk: times never go back by that.
 */
export function evolve(state: SchedulerState, event: SchedulerEvent): SchedulerState {
  switch (event.type) {
    case 'coordinator-booted':
      return boot(state, event.at);
    case 'job-submitted':
      return submitJob(state, event);
    case 'job-planned':
      return addPlannedTasks(state, event);
    case 'lease-granted':
      return grant(state, event);
    case 'lease-lost':
      return lose(state, event);
    case 'task-completed':
      return complete(state, event);
    case 'task-soft-failed':
      return softFail(state, event);
    case 'task-failed':
      return fail(state, event);
    case 'task-reopened':
      return reopen(state, event);
    case 'forecast-noted':
      return noteForecast(state, event);
    case 'output-noted':
      return noteOutput(state, event);
    case 'scratch-removed':
      return noteScratchRemoved(state, event);
    case 'job-done':
      return endJob(state, event.jobId, { phase: { kind: 'done' }, iso: event.iso });
    case 'job-failed':
      return endJob(state, event.jobId, {
        phase: { kind: 'failed', error: event.error, taskId: event.taskId },
        iso: event.iso,
      });
    case 'job-canceled':
      return endJob(state, event.jobId, { phase: { kind: 'canceled' }, iso: event.iso });
    case 'job-retried':
      return retryJob(state, event);
    case 'job-given-up':
      return giveUpJob(state, event.jobId);
    case 'node-quarantined':
      return quarantine(state, event);
    case 'node-released':
      return release(state, event.nodeId);
    case 'node-paused':
      return pauseNode(state, event);
    case 'node-resumed':
      return resumeNode(state, event.nodeId);
    case 'node-hours-set':
      return setHours(state, event);
    case 'job-removed':
      return removeJob(state, event.jobId);
    case 'job-discarded':
      return discardJob(state, event);
    case 'job-restored':
      return restoreJob(state, event.jobId);
    case 'job-request-changed':
      return changeRequest(state, event);
    case 'job-ordered':
      return orderJob(state, event);
    case 'farm-paused':
      return pauseFarm(state, event);
    case 'farm-resumed':
      return resumeFarm(state);
    case 'turn-due':
      return setTurnDue(state, event);
    case 'clock-advanced':
      return { ...state, clock: Math.max(state.clock, event.at) };
    case 'lease-renewed':
      return renew(state, event);
    case 'lease-delivering':
      return markDelivering(state, event);
    case 'lease-started':
      return markStarted(state, event);
    case 'lease-recalled':
      return markRecalled(state, event);
    case 'node-joined':
      return joinNode(state, event);
    case 'node-seen':
      return seeNode(state, event);
    case 'node-standing':
      return standAs(state, event);
    case 'node-proved':
      return patchNode(state, event.nodeId, { hardwareClasses: event.hardwareClasses });
    case 'node-left':
      return dropNode(state, event.nodeId);
    case 'patience-changed':
      return { ...state, patience: event.patience };
    case 'space-noted':
      return { ...state, space: event.space };
    default:
      return assertNever(event);
  }
}

/** The state after several facts, in order. */
export function evolveAll(state: SchedulerState, events: Iterable<SchedulerEvent>): SchedulerState {
  let next = state;
  for (const event of events) next = evolve(next, event);
  return next;
}
