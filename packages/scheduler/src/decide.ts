import { assertNever } from '@reelmill/protocol';
import { assignTasks } from './assign.ts';
import { bootCoordinator } from './boot.ts';
import { changeRequest, discardJob, restoreJob } from './changeJob.ts';
import type { Command, SchedulerLimits, Verdict } from './command.ts';
import { Draft, type RejectionReason } from './draft.ts';
import { finishTask, reopenTask } from './finish.ts';
import { noteForecast } from './forecast.ts';
import { cancelJob, giveUpJob, noteOutput, noteScratchRemoved, removeJob, retryJob } from './jobs.ts';
import { batchAhead } from './leaseBatching.ts';
import { advanceClock, expireLeases, freeSlot, heartbeat, refuseOffer, returnTask, startTask } from './leases.ts';
import type { SchedulerState } from './model.ts';
import { noteStanding, pauseNode, resumeNode, setHours } from './nodePauses.ts';
import { joinNode, leaveNode, proveNode } from './nodes.ts';
import { orderJob, pauseFarm, resumeFarm } from './orderCommands.ts';
import { releaseNode } from './quarantine.ts';
import { noteSpace } from './space.ts';
import { useIdleSlots } from './speculate.ts';
import { planJob, submitJob } from './submit.ts';

/**
 * What a command leads to, without doing it. Pure: time comes with the command. Every accepted command first applies
 * the clock; all but heartbeats (which only renew, in time proportional to the leases they name) and starts then hand
 * queued tasks to free slots, and to nodes ahead of time; a tick expires leases, and slots still idle then take waiting
 * tasks of other nodes, or copies of late ones.
 */
export function decide(state: SchedulerState, command: Command, limits: SchedulerLimits): Verdict {
  const draft = new Draft(state, command, limits);
  if (command.type !== 'boot') advanceClock(draft);
  const refusal = apply(draft, command);
  if (refusal !== null) return { kind: 'rejected', reason: refusal };
  if (command.type !== 'heartbeat' && command.type !== 'start-task') {
    if (command.type === 'tick') expireLeases(draft);
    assignTasks(draft);
    if (startsNew(draft)) giveAhead(draft, command);
  }
  return { kind: 'accepted', events: draft.events, effects: draft.effects, next: draft.state };
}

const startsNew = ({ state: { gate, space } }: Draft): boolean => !gate.paused && !space.low;

/** What is given beyond the free slots: tasks that wait at a node, and second copies. */
function giveAhead(draft: Draft, command: Command): void {
  if ('nodeId' in command && command.nodeId !== 'house') batchAhead(draft, command.nodeId);
  if (command.type === 'tick') useIdleSlots(draft);
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
    case 'pause-node':
      return pauseNode(draft, command);
    case 'resume-node':
      return resumeNode(draft, command);
    case 'set-hours':
      return setHours(draft, command);
    case 'note-standing':
      return noteStanding(draft, command);
    case 'prove-node':
      return proveNode(draft, command);
    case 'heartbeat':
      return heartbeat(draft, command);
    case 'free-slot':
      return freeSlot(draft, command);
    case 'start-task':
      return startTask(draft, command);
    case 'return-task':
      return returnTask(draft, command);
    case 'offer-refused':
      return refuseOffer(draft, command);
    case 'finish-task':
      return finishTask(draft, command);
    case 'reopen-task':
      return reopenTask(draft, command);
    case 'note-forecast':
      return noteForecast(draft, command);
    case 'note-output':
      return noteOutput(draft, command);
    case 'note-space':
      return noteSpace(draft, command);
    case 'note-scratch-removed':
      return noteScratchRemoved(draft, command);
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
    case 'discard-job':
      return discardJob(draft, command);
    case 'restore-job':
      return restoreJob(draft, command);
    case 'change-request':
      return changeRequest(draft, command);
    case 'order-job':
      return orderJob(draft, command);
    case 'pause-farm':
      return pauseFarm(draft, command);
    case 'resume-farm':
      return resumeFarm(draft, command);
    default:
      return assertNever(command);
  }
}
