import {
  assertNever,
  FarmError,
  FarmTaskKind,
  type JobId,
  type Waiting,
  type WhyAnswer,
  WhyCode,
} from '@reelmill/protocol';
import {
  type Obstacle,
  type SchedulerState,
  type SpaceShortage,
  type StuckTasks,
  spaceShortageOf,
  stuckTasks,
  type WaitingTasks,
  waitingTasks,
} from '@reelmill/scheduler';

/** Bytes for people: `12 GB`. */
const size = (bytes: number): string =>
  bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${Number((bytes / 1e9).toFixed(1))} GB`;

const list = (words: readonly string[]): string => words.join(' and ');

/** What speaks against a node, as a sentence about it. */
export function obstacleText(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case 'class':
      return `It is of another toolchain class: the plan needs ${obstacle.wanted}.`;
    case 'task-kind':
      return `It takes only tasks of kind ${list(obstacle.takes)}.`;
    case 'tag':
      return `It does not carry the tag ${list(obstacle.missing)}.`;
    case 'memory':
      return `It has ${size(obstacle.nodeBytes)} of memory for tasks; this one needs ${size(obstacle.neededBytes)}.`;
    case 'memory-now':
      return `${size(Math.max(0, obstacle.freeBytes))} of its memory are free now; this task needs ${size(obstacle.neededBytes)}.`;
    case 'disk':
      return `Its disk has ${size(obstacle.nodeBytes)} for tasks; this one needs ${size(obstacle.neededBytes)}.`;
    case 'disk-now':
      return `${size(Math.max(0, obstacle.freeBytes))} of its disk are not promised to other tasks; this one needs ${size(obstacle.neededBytes)}.`;
    case 'disk-low':
      return `Its disk is almost full (${size(obstacle.roomBytes)} for tasks): it takes nothing new until there is more.`;
    case 'paused':
      return `It is paused by ${obstacle.by}${obstacle.where === 'machine' ? ', at the machine itself' : ''}: it takes nothing new.`;
    case 'outside-hours':
      return `It is outside ${obstacle.by === null ? 'its hours' : `the hours that ${obstacle.by} set for it`}${obstacle.until === null ? '' : `; they begin at ${obstacle.until}`}.`;
    case 'hours-unheard':
      return 'Its agent has not confirmed the hours that the farm set for it; one of an older version never does.';
    case 'in-use':
      return 'It is in use by someone: it waits until they are gone.';
    case 'quarantined':
      return 'It is under quarantine: its results failed verification too often.';
    case 'avoided':
      return 'A retry asked for another node.';
    case 'silent':
      return 'It has not been heard for some seconds.';
    case 'failed-here':
      return 'An attempt failed there; another node could still try it.';
    case 'blamed':
      return 'It failed three such tasks of this job in a row; others are asked first.';
    case 'reserved':
      return 'It is kept free for a task that needs much memory and has waited long.';
    case 'left-to-faster':
      return 'The last tasks end sooner on faster nodes, busy as they are.';
    case 'kind-cap':
      return `It has as many ${obstacle.of} tasks as it takes at once: ${obstacle.most}.`;
    case 'no-slot':
      return 'All its slots are taken.';
    default:
      return assertNever(obstacle);
  }
}

const codeOf = ({ kind }: Obstacle): WhyCode => WhyCode.parse(kind === 'task-kind' ? 'kind' : kind);

/** @throws FarmError NOT_FOUND */
export function whyWaiting(state: SchedulerState, jobId: JobId): WhyAnswer {
  const job = state.jobs.get(jobId);
  if (job === undefined) throw new FarmError('NOT_FOUND', { message: `There is no job ${jobId}.` });
  const waiting = waitingTasks(state, jobId).map((tasks) => waitingView(state, tasks));
  return { jobId, waiting, note: noteOf(state, jobId, waiting.length) };
}

function noteOf(state: SchedulerState, jobId: JobId, groups: number): string {
  const phase = state.jobs.get(jobId)?.phase.kind;
  if (phase !== 'active') return `The job is ${phase}.`;
  if (groups === 0) return 'Nothing of this job waits for a node now.';
  if (state.gate.paused) return 'The farm is paused: nothing new starts before it is resumed.';
  if (state.jobs.get(jobId)?.order.held) return 'The job is held: nothing of it starts before it is resumed.';
  if (state.space.low) return "The coordinator's disk is almost full: nothing new starts before there is more room.";
  const shortage = spaceShortageOf(state, jobId);
  if (shortage !== null) return `The job waits for room on a disk of the coordinator: it ${spaceText(shortage)}.`;
  const stuck = waitingFor(state, jobId);
  if (stuck !== null) return `No connected node can take some of it: ${stuck.text}.`;
  return 'It waits for room on the nodes.';
}

const nameOf = (state: SchedulerState, nodeId: WaitingTasks['nodes'][number]['nodeId']): string =>
  state.nodes.get(nodeId)?.name ?? nodeId;

function waitingView(state: SchedulerState, tasks: WaitingTasks): WhyAnswer['waiting'][number] {
  const { plan, count, restsUntil, nodes } = tasks;
  return {
    kind: FarmTaskKind.parse(plan.kind),
    rendition: plan.rendition,
    tasks: count,
    memoryBytes: plan.memoryBytes ?? null,
    diskBytes: plan.diskBytes ?? null,
    tags: [...(plan.pin?.tags ?? [])],
    restsMs: restsUntil === null ? null : restsUntil - state.clock,
    nodes: nodes.map(({ nodeId, obstacles }) => ({
      nodeId,
      name: nameOf(state, nodeId),
      reasons: obstacles.map((obstacle) => ({ code: codeOf(obstacle), text: obstacleText(obstacle) })),
    })),
  };
}

/** What a job waits for that no connected node has; null where it waits for room only, or not at all. */
export function waitingFor(state: SchedulerState, jobId: JobId): Waiting | null {
  const shortage = spaceShortageOf(state, jobId);
  if (shortage !== null) return { code: 'space', text: spaceText(shortage) };
  const stuck = stuckTasks(state, jobId);
  if (stuck === null) return null;
  if (stuck.nodes.length === 0) return { code: 'no-node', text: 'no node is connected' };
  const kinds = commonKinds(stuck);
  const [kind] = kinds;
  switch (kind) {
    case 'memory':
      return { code: 'memory', text: memoryText(stuck) };
    case 'disk':
      return { code: 'disk', text: diskText(stuck) };
    case 'tag':
      return { code: 'tag', text: `needs a node with the tag ${list(stuck.plan.pin?.tags ?? [])}` };
    case 'task-kind':
      return { code: 'kind', text: `needs a node that takes ${stuck.plan.kind} tasks` };
    case 'class':
      return { code: 'class', text: `needs a node of the toolchain class ${stuck.plan.toolchainClass}` };
    default:
      return { code: 'mixed', text: 'each connected node lacks something: `reelmill why` tells what' };
  }
}

/** What every node lacks. */
function commonKinds({ nodes }: StuckTasks): Obstacle['kind'][] {
  const order: Obstacle['kind'][] = ['class', 'task-kind', 'tag', 'memory', 'disk'];
  return order.filter((kind) => nodes.every(({ obstacles }) => obstacles.some((one) => one.kind === kind)));
}

/** `needs 40 GB; 12 GB are neither used nor promised to jobs before it` */
const spaceText = ({ neededBytes, freeBytes }: SpaceShortage): string =>
  `needs ${size(neededBytes)} of disk space; ${size(Math.max(0, freeBytes))} are neither used nor promised to jobs before it`;

function diskText({ nodes }: StuckTasks): string {
  const disks = nodes.flatMap(({ obstacles }) => obstacles.filter((one) => one.kind === 'disk'));
  const largest = disks.reduce((best, one) => (one.nodeBytes > best.nodeBytes ? one : best));
  return `needs ${size(largest.neededBytes)} on the disk of a node; the one with most room has ${size(largest.nodeBytes)}`;
}

function memoryText({ plan, nodes }: StuckTasks): string {
  const sizes = nodes.flatMap(({ obstacles }) => obstacles.map((one) => (one.kind === 'memory' ? one.nodeBytes : 0)));
  return `needs ${size(plan.memoryBytes ?? 0)} of memory; the largest node has ${size(Math.max(...sizes))}`;
}
