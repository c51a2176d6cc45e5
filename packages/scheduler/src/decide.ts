import { assertNever } from '@reelmill/protocol';
import { assignTasks } from './assign.ts';
import { bootCoordinator } from './boot.ts';
import { Draft, type RejectionReason } from './draft.ts';
import { finishTask, reopenTask } from './finish.ts';
import { cancelJob, giveUpJob, noteOutput, removeJob, retryJob } from './jobs.ts';
import { advanceClock, expireLeases, freeSlot, heartbeat, refuseOffer } from './leases.ts';
import type { Command, Decision, SchedulerLimits, SchedulerState } from './model.ts';
import { drainNode, joinNode, leaveNode, proveNode } from './nodes.ts';
import { releaseNode } from './quarantine.ts';
import { planJob, submitJob } from './submit.ts';

/**
 * What a command leads to, without doing it. Pure: time comes with the command. Every accepted command first applies
 * the clock; all but heartbeats (which only renew, in time proportional to the leases they name) then expire leases
 * and hand queued tasks to free slots.
 */
export function decide(state: SchedulerState, command: Command, limits: SchedulerLimits): Decision {
  const draft = new Draft(state, command, limits);
  if (command.type !== 'boot') advanceClock(draft);
  const refusal = apply(draft, command);
  if (refusal !== null) return { kind: 'rejected', reason: refusal };
  if (command.type !== 'heartbeat') {
    expireLeases(draft);
    assignTasks(draft);
  }
  return { kind: 'accepted', events: draft.events, effects: draft.effects };
}

function apply(draft: Draft, command: Command): RejectionReason | null {
  switch (command.type) {
    case 'boot':
      return bootCoordinator(draft);
    case 'tick':
      return null;
    case 'submit-job':
      return submitJob(draft, command);
    case 'plan-job':
      return planJob(draft, command);
    case 'join-node':
      return joinNode(draft, command);
    case 'leave-node':
      return leaveNode(draft, command);
    case 'drain-node':
      return drainNode(draft, command);
    case 'prove-node':
      return proveNode(draft, command);
    case 'heartbeat':
      return heartbeat(draft, command);
    case 'free-slot':
      return freeSlot(draft, command);
    case 'offer-refused':
      return refuseOffer(draft, command);
    case 'finish-task':
      return finishTask(draft, command);
    case 'reopen-task':
      return reopenTask(draft, command);
    case 'note-output':
      return noteOutput(draft, command);
    case 'cancel-job':
      return cancelJob(draft, command);
    case 'retry-job':
      return retryJob(draft, command);
    case 'give-up-job':
      return giveUpJob(draft, command);
    case 'release-node':
      return releaseNode(draft, command);
    case 'remove-job':
      return removeJob(draft, command);
    default:
      return assertNever(command);
  }
}
