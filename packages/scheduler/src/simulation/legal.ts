import { errorTable, type TaskId } from '@reelmill/protocol';
import type { LossReason } from '../event.ts';
import { currentLease } from '../state.ts';
import type { UntimedCommand } from './messages.ts';
import type { Event, EventOf, Step } from './watching.ts';

type CommandOf<T extends UntimedCommand['type']> = Extract<UntimedCommand, { type: T }>;

/** A fact that must not follow from this command, as a sentence; null where it may. */
export function illegalEvent(event: Event, step: Step): string | null {
  switch (event.type) {
    case 'lease-lost':
      return mayLose(event, step) ? null : `P8: ${event.taskId} is lost (${event.reason}) on ${step.command.type}`;
    case 'task-soft-failed':
      return isOwnFailure(event.taskId, step) ? null : `P2: ${event.taskId} fails on what is not its current attempt`;
    case 'task-failed':
      return mayFail(event, step) ? null : `P2: ${event.taskId} dies on what is not its current attempt`;
    case 'task-reopened':
      return mayReopen(event, step) ? null : `P2: ${event.taskId} is reopened on ${step.command.type}`;
    default:
      return null;
  }
}

/** A fact that had to follow from this command and did not, as a sentence; else null. */
export function missingEvent({ before, command, events }: Step): string | null {
  const isAbout = (taskId: TaskId, ...types: Event['type'][]): boolean =>
    events.some((event) => types.includes(event.type) && 'taskId' in event && event.taskId === taskId);
  if (command.type === 'offer-refused' && currentLease(before, command) !== undefined) {
    return isAbout(command.taskId, 'lease-lost', 'task-failed') ? null : `${command.taskId} was refused and stays`;
  }
  if (command.type === 'note-standing' && before.nodes.has(command.nodeId)) {
    const { nodeId } = command;
    const stays = command.givenBack.find(
      (key) => currentLease(before, { nodeId, ...key }) !== undefined && !isAbout(key.taskId, 'lease-lost'),
    );
    if (stays !== undefined) return `${stays.taskId} was given back and stays`;
  }
  if (command.type === 'retry-job' && command.avoid !== undefined) {
    const isHeard = events.some((event) => event.type === 'job-retried' && event.avoid === command.avoid);
    return isHeard ? null : `${command.jobId} is retried, and where not to is forgotten`;
  }
  if (command.type === 'finish-task' && command.outcome.kind === 'failed' && isCurrent({ before, command })) {
    const { code } = command.outcome.error;
    const isOver = errorTable[code].retry === 'never' && !['CANCELED', 'INTERRUPTED', 'DISK_FULL'].includes(code);
    if (isOver && !isAbout(command.taskId, 'task-failed')) return `${command.taskId} goes on after ${code}`;
  }
  return null;
}

const allowed: Readonly<Record<LossReason, (command: UntimedCommand) => boolean>> = {
  expired: ({ type }) => type !== 'heartbeat',
  disconnected: (command) =>
    command.type === 'join-node' || (command.type === 'leave-node' && command.reason === 'bye'),
  refused: ({ type }) => type === 'offer-refused',
  restarted: ({ type }) => type === 'boot',
  recalled: ({ type }) => type === 'return-task',
  'given-back': ({ type }) => type === 'note-standing' || type === 'join-node' || type === 'offer-refused',
  infrastructure: ({ type }) => type === 'finish-task' || type === 'boot',
};

/** Only what the node named itself, or what found it closed. */
function mayGiveBack({ taskId, attempt, nodeId }: EventOf<'lease-lost'>, { command, before }: Step): boolean {
  const isNamed = (key: { readonly taskId: TaskId; readonly attempt: number }): boolean =>
    key.taskId === taskId && key.attempt === attempt;
  if (command.type === 'join-node') return command.givenBack?.some(isNamed) === true;
  if (command.type === 'note-standing') return command.nodeId === nodeId && command.givenBack.some(isNamed);
  if (command.type !== 'offer-refused' || !isNamed(command)) return false;
  const node = before.nodes.get(command.nodeId);
  const hours = before.hours.get(command.nodeId);
  const isUnheard = hours !== undefined && hours.schedule !== node?.farmHours;
  return before.pauses.has(command.nodeId) || node?.closure != null || isUnheard;
}

function mayLose(event: EventOf<'lease-lost'>, { command, before }: Step): boolean {
  if (!allowed[event.reason](command)) return false;
  if (event.reason === 'given-back') return mayGiveBack(event, { command, before, events: [] });
  if (event.reason !== 'infrastructure' || event.error?.code === 'NODE_QUARANTINED') return true;
  const failed = command.type === 'finish-task' && command.outcome.kind === 'failed' ? command.outcome.error : null;
  if (command.type !== 'finish-task' || failed === null || command.taskId !== event.taskId) return false;
  const isStop = failed.code === 'CANCELED' || failed.code === 'INTERRUPTED';
  return isCurrent({ before, command }) && (isStop || errorTable[failed.code].severity === 'infrastructure');
}

/** Charged exactly when the maker is to blame; at boot a probe whose plan was lost, uncharged. */
function mayReopen({ charged, lost = false }: EventOf<'task-reopened'>, { command }: Step): boolean {
  if (command.type !== 'reopen-task') return command.type === 'boot' && !charged && !lost;
  const isInfrastructure = errorTable[command.error.code].severity === 'infrastructure';
  return charged === !isInfrastructure && lost === isInfrastructure;
}

function isOwnFailure(taskId: TaskId, { command, before }: Step): boolean {
  if (command.type !== 'finish-task' || command.taskId !== taskId || command.outcome.kind !== 'failed') return false;
  return isCurrent({ before, command }) && errorTable[command.outcome.error.code].severity !== 'infrastructure';
}

/** By its own last failure, by a reopening, or by one loss too many, which any command may bring. */
function mayFail(event: EventOf<'task-failed'>, step: Step): boolean {
  if (event.error.code === 'TOO_MANY_LOSSES') return true;
  const { command } = step;
  return (command.type === 'reopen-task' && command.taskId === event.taskId) || isOwnFailure(event.taskId, step);
}

function isCurrent({ before, command }: Pick<Step, 'before'> & { command: CommandOf<'finish-task'> }): boolean {
  return currentLease(before, command) !== undefined;
}
