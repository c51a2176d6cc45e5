import type { FarmTaskKind, NodeId, TaskId } from '@reelmill/protocol';
import { isBlamed, isSuspect } from './blame.ts';
import { closureOf, isClosed } from './closure.ts';
import { type DiskLeft, diskLeft, diskNeed, diskNeedBeside, diskOf } from './diskRoom.ts';
import { farmKindOf, type KindsLeft, kindsLeft } from './kindRoom.ts';
import { memoryLeft } from './memoryRoom.ts';
import type { ClockMs, NodeRecord, SchedulerState, TaskPlan, TaskState } from './model.ts';
import { fitsClass, freeSlots, isSilent } from './nodes.ts';
import { hasSpilled, isReservedFor, reservationOf } from './patience.ts';
import { isQuarantined } from './trust.ts';

/** One thing that speaks against a node for a task. */
export type Obstacle =
  | { readonly kind: 'class'; readonly wanted: string | null }
  | { readonly kind: 'task-kind'; readonly takes: readonly FarmTaskKind[] }
  | { readonly kind: 'tag'; readonly missing: readonly string[] }
  /** Too small even with nothing else to do. */
  | { readonly kind: 'memory'; readonly neededBytes: number; readonly nodeBytes: number }
  /** Its disk is too small for the task even without its other tasks. */
  | { readonly kind: 'disk'; readonly neededBytes: number; readonly nodeBytes: number }
  /** By the farm, or at the machine itself. */
  | { readonly kind: 'paused'; readonly by: string; readonly where: 'farm' | 'machine' }
  /** `by`: who set them at the farm; null: they are the machine's own. */
  | { readonly kind: 'outside-hours'; readonly by: string | null; readonly until: string | null }
  /** Its agent has not confirmed the hours that the farm set. */
  | { readonly kind: 'hours-unheard' }
  /** Someone works at the machine. */
  | { readonly kind: 'in-use' }
  | { readonly kind: 'silent' }
  /** Its results failed verification too often, on the whole farm. */
  | { readonly kind: 'quarantined' }
  /** A retry by hand asked for another node. */
  | { readonly kind: 'avoided' }
  /** An attempt failed here, and another node could still try it. */
  | { readonly kind: 'failed-here' }
  /** The node failed so many tasks of this kind and job in a row that others are asked. */
  | { readonly kind: 'blamed' }
  /** Kept free for a task that needs more memory than is left beside small ones. */
  | { readonly kind: 'reserved'; readonly taskId: TaskId }
  | { readonly kind: 'no-slot' }
  /** It has as many tasks of this kind as it takes at once. */
  | { readonly kind: 'kind-cap'; readonly of: FarmTaskKind; readonly most: number }
  /** Large enough, but what runs there now leaves too little. */
  | { readonly kind: 'memory-now'; readonly neededBytes: number; readonly freeBytes: number }
  /** Its disk is large enough, but what is promised to its other tasks leaves too little. */
  | { readonly kind: 'disk-now'; readonly neededBytes: number; readonly freeBytes: number }
  /** Its disk fell below its low mark: it gets nothing new until it is above its high mark. */
  | { readonly kind: 'disk-low'; readonly roomBytes: number }
  /** The last tasks of the farm end sooner on faster nodes, busy as they are. */
  | { readonly kind: 'left-to-faster' };

/** What a node could take now. */
export interface Room {
  readonly slots: number;
  readonly memoryBytes: number;
  readonly disk: DiskLeft;
  readonly kinds: KindsLeft;
}

/** A task, or tasks like it, and a node. */
export interface LastingQuestion {
  readonly state: SchedulerState;
  readonly at: ClockMs;
  readonly plan: TaskPlan;
  readonly node: NodeRecord;
}

export interface Question extends LastingQuestion {
  readonly task: TaskState;
  readonly room: Room;
}

/** Whether that task may have that node now; `room` as in `roomOf`. */
export const ask = (
  { state, at }: Pick<Question, 'state' | 'at'>,
  task: TaskState,
  { node, room }: Pick<Question, 'node' | 'room'>,
): Question => ({ state, at, task, plan: task.plan, node, room });

type Rule<Asked> = (asked: Asked) => Obstacle | null;

const ofClass: Rule<LastingQuestion> = ({ plan, node }) =>
  fitsClass(plan, node) ? null : { kind: 'class', wanted: plan.toolchainClass };

const ofKind: Rule<LastingQuestion> = ({ plan, node }) => {
  const takes: readonly FarmTaskKind[] | undefined = node.kinds;
  return takes === undefined || takes.some((kind) => kind === plan.kind) ? null : { kind: 'task-kind', takes };
};

const ofTag: Rule<LastingQuestion> = ({ state, at, plan, node }) => {
  const missing = missingTags(plan, node);
  return missing.length === 0 || hasSpilled(state, at, plan) ? null : { kind: 'tag', missing };
};

const ofMemory: Rule<LastingQuestion> = ({ plan: { memoryBytes: neededBytes = 0 }, node }) => {
  const { memoryBytes: nodeBytes = Number.POSITIVE_INFINITY } = node;
  return neededBytes <= nodeBytes ? null : { kind: 'memory', neededBytes, nodeBytes };
};

const ofDisk: Rule<LastingQuestion> = ({ state, plan, node }) => {
  const neededBytes = diskNeed(plan, node);
  const nodeBytes = diskOf(state, node)?.roomBytes ?? Number.POSITIVE_INFINITY;
  return neededBytes <= nodeBytes ? null : { kind: 'disk', neededBytes, nodeBytes };
};

const ofClosure: Rule<Question> = ({ state, node }) => closureOf(state, node);

const ofQuarantine: Rule<Question> = ({ state, node }) =>
  isQuarantined(state, node.nodeId) ? { kind: 'quarantined' } : null;

const ofSilence: Rule<Question> = (question) => (isSilent(question, question.node) ? { kind: 'silent' } : null);

/**
 * While a node that has not failed the task exists, but is busy, the task waits for it: else one bad node, always free,
 * would burn the whole budget. A task that was only lost (an expired lease, a refused offer) does not wait.
 */
const ofFailures: Rule<Question> = ({ state, at, task, plan, node }) => {
  const blamed = isBlamed(state, plan, node.nodeId);
  const failedHere = task.failures > 0 && task.failedOn.includes(node.nodeId);
  const avoided = isAvoided(task, node.nodeId);
  if (!(blamed || failedHere || avoided) || !othersCould(state, at, task)) return null;
  return { kind: avoided ? 'avoided' : blamed ? 'blamed' : 'failed-here' };
};

const ofReservation: Rule<Question> = ({ state, plan, node }) => {
  const reserved = reservationOf(state);
  if (reserved === null || reserved.nodeId !== node.nodeId || isReservedFor(state, reserved, plan)) return null;
  return { kind: 'reserved', taskId: reserved.taskId };
};

const ofSlots: Rule<Question> = ({ room }) => (room.slots > 0 ? null : { kind: 'no-slot' });

const ofKindCap: Rule<Question> = ({ plan, node, room: { kinds } }) => {
  const of = farmKindOf(plan);
  if (of === null || (kinds.get(of) ?? 1) > 0) return null;
  return { kind: 'kind-cap', of, most: node.kindCaps?.[of] ?? 0 };
};

const ofMemoryNow: Rule<Question> = ({ plan, room: { memoryBytes: freeBytes } }) => {
  const { memoryBytes: neededBytes = 0 } = plan;
  return neededBytes <= freeBytes ? null : { kind: 'memory-now', neededBytes, freeBytes };
};

const ofDiskNow: Rule<Question> = ({ plan, node, room: { disk } }) => {
  const neededBytes = diskNeedBeside(plan, node, disk);
  return neededBytes <= disk.freeBytes ? null : { kind: 'disk-now', neededBytes, freeBytes: disk.freeBytes };
};

const ofLowDisk: Rule<Question> = ({ state, node }) => {
  const disk = diskOf(state, node);
  return disk?.low === true ? { kind: 'disk-low', roomBytes: disk.roomBytes } : null;
};

/** True of a node whatever it is doing. */
const lastingRules = [ofClass, ofKind, ofTag, ofMemory, ofDisk] as const;
/** True of it now. */
const passingRules = [
  ...[ofClosure, ofQuarantine, ofSilence, ofLowDisk, ofFailures, ofReservation, ofSlots],
  ...[ofKindCap, ofMemoryNow, ofDiskNow],
] as const;

/**
 * Everything that speaks against a node for a task; empty: the node may have it now. Assignment asks the same rules
 * (`fits`), so that this answer cannot disagree with it.
 */
export function whyNot(question: Question): Obstacle[] {
  const lasting = whyNever(question);
  const passing = passingRules.map((rule) => rule(question)).filter((obstacle) => obstacle !== null);
  // a node that is too small lacks the room now as well
  const isSaid = ({ kind }: Obstacle): boolean =>
    (kind === 'memory-now' && has(lasting, 'memory')) || (kind === 'disk-now' && has(lasting, 'disk'));
  return [...lasting, ...passing.filter((obstacle) => !isSaid(obstacle))];
}

/** What would speak against a node even if it had nothing to do. */
export function whyNever(question: LastingQuestion): Obstacle[] {
  return lastingRules.map((rule) => rule(question)).filter((obstacle) => obstacle !== null);
}

/** Whether nothing speaks against the node. */
export function fits(question: Question): boolean {
  return passingRules.every((rule) => rule(question) === null) && isLastingFit(question);
}

/** Whether the node could run such tasks at all. */
export const isLastingFit = (question: LastingQuestion): boolean =>
  lastingRules.every((rule) => rule(question) === null);

/** Whether the node could take the task besides what it has, were a slot of it free, and no other is to be preferred. */
export function couldTake({ state, at }: Pick<Question, 'state' | 'at'>, task: TaskState, node: NodeRecord): boolean {
  const room = roomOf(state, node, 1);
  return fits(ask({ state, at }, task, { node, room })) && !isSuspect(state, task, node);
}

/** Whether something speaks against it, and nothing but these. */
export const onlyObstacles = (obstacles: readonly Obstacle[], kinds: readonly Obstacle['kind'][]): boolean =>
  obstacles.length > 0 && obstacles.every(({ kind }) => kinds.includes(kind));

const has = (obstacles: readonly Obstacle[], kind: Obstacle['kind']): boolean =>
  obstacles.some((obstacle) => obstacle.kind === kind);

/** Tags the task is pinned to that the node does not carry. */
export const missingTags = ({ pin }: TaskPlan, node: NodeRecord): readonly string[] =>
  pin === undefined ? [] : pin.tags.filter((tag) => !(node.tags?.includes(tag) ?? false));

const isAvoided = (task: TaskState, nodeId: NodeId): boolean => task.avoid?.includes(nodeId) ?? false;

function othersCould(state: SchedulerState, at: ClockMs, task: TaskState): boolean {
  return eligibleNodes(state, at, task.plan).some(
    (node) => !isSuspect(state, task, node) && !isSilent({ state, at }, node),
  );
}

/** Connected nodes that may run the task, whether or not they have room for it now. */
export function eligibleNodes(state: SchedulerState, at: ClockMs, plan: TaskPlan): NodeRecord[] {
  return [...state.nodes.values()].filter(
    (node) =>
      !isClosed(state, node) &&
      diskOf(state, node)?.low !== true &&
      !isQuarantined(state, node.nodeId) &&
      isLastingFit({ state, at, plan, node }),
  );
}

/** What the node could take now, in its slots. */
export const roomOf = (state: SchedulerState, node: NodeRecord, slots = freeSlots(state, node)): Room => ({
  slots,
  memoryBytes: memoryLeft(state, node),
  disk: diskLeft(state, node),
  kinds: kindsLeft(state, node),
});
