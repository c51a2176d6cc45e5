import { assertNever } from '@reelmill/protocol';
import type { DurableEvent, SchedulerEvent } from './event.ts';

/** Whether the event belongs in the journal; the others are true only while this process lives. */
export function isDurable(event: SchedulerEvent): event is DurableEvent {
  switch (event.type) {
    case 'coordinator-booted':
    case 'job-submitted':
    case 'job-planned':
    case 'lease-granted':
    case 'lease-lost':
    case 'task-completed':
    case 'task-soft-failed':
    case 'task-failed':
    case 'task-reopened':
    case 'output-noted':
    case 'forecast-noted':
    case 'scratch-removed':
    case 'job-done':
    case 'job-failed':
    case 'job-canceled':
    case 'job-retried':
    case 'job-removed':
    case 'job-discarded':
    case 'job-restored':
    case 'job-request-changed':
    case 'job-given-up':
    case 'node-quarantined':
    case 'node-released':
    case 'node-paused':
    case 'node-resumed':
    case 'node-hours-set':
    case 'job-ordered':
    case 'farm-paused':
    case 'farm-resumed':
      return true;
    case 'clock-advanced':
    case 'turn-due':
    case 'lease-renewed':
    case 'lease-delivering':
    case 'lease-started':
    case 'lease-recalled':
    case 'node-joined':
    case 'node-seen':
    case 'node-standing':
    case 'node-proved':
    case 'node-left':
    case 'patience-changed':
    case 'space-noted':
      return false;
    default:
      return assertNever(event);
  }
}
