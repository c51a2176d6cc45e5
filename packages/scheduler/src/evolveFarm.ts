import { type NodeId, timing } from '@reelmill/protocol';
import type { SchedulerEvent } from './event.ts';
import { restartWaits } from './evolveOrder.ts';
import { emptyIndex, putTask, reindexRoom } from './jobIndex.ts';
import type { ClockMs, NodeHeard, NodeRecord, SchedulerState } from './model.ts';
import { noPatience } from './patience.ts';
import { PersistentMap } from './persistentMap.ts';
import { unknownSpace } from './space.ts';
import { taskOf } from './state.ts';
import { withLeases, withoutRest } from './taskLeases.ts';

/**
 * A new process starts with a new lease clock and without connections: times of the old clock mean nothing, so farm
 * leases get one TTL to be claimed by their nodes and nobody waits for a backoff of the past.
 */
export function boot(state: SchedulerState, at: ClockMs): SchedulerState {
  const index = { ...state.index, room: emptyIndex.room };
  let next: SchedulerState = {
    ...state,
    nodes: new Map(),
    heard: PersistentMap.empty(),
    clock: at,
    patience: noPatience,
    space: unknownSpace,
    index,
  };
  for (const [holder, leases] of state.index.leases) {
    if (holder === 'house') continue;
    for (const taskId of leases.keys()) {
      const claimable = {
        ...{ expiresAt: at + timing.leaseTtlMs, startedAt: at },
        ...{ delivering: false, movedAt: null, recalled: false },
      };
      next = putTask(
        next,
        taskId,
        withLeases(withoutRest(taskOf(next, taskId)), () => claimable),
      );
    }
  }
  // the index does not look at the time: no task changes its place
  const tasks = next.tasks.mapValues((task) =>
    task.phase.kind === 'queued' ? { ...task, phase: { kind: 'queued', notBefore: at } } : task,
  );
  return restartWaits({ ...next, tasks });
}

export const joinNode = (
  state: SchedulerState,
  { node, at, disk }: Extract<SchedulerEvent, { type: 'node-joined' }>,
): SchedulerState => hear(putNode(state, node), node.nodeId, { at, ...(disk && { disk }) });

function putNode(state: SchedulerState, node: NodeRecord): SchedulerState {
  return reindexRoom({ ...state, nodes: new Map(state.nodes).set(node.nodeId, node) }, node.nodeId);
}

export function patchNode(state: SchedulerState, nodeId: NodeId, fields: Partial<NodeRecord>): SchedulerState {
  const node = state.nodes.get(nodeId);
  return node === undefined ? state : putNode(state, { ...node, ...fields });
}

/** What the node says of itself. */
export function standAs(
  state: SchedulerState,
  event: Extract<SchedulerEvent, { type: 'node-standing' }>,
): SchedulerState {
  const { nodeId, closure, farmHours } = event;
  return patchNode(state, nodeId, { closure, ...(farmHours !== undefined && { farmHours }) });
}

export function seeNode(
  state: SchedulerState,
  { nodeId, at, disk }: Extract<SchedulerEvent, { type: 'node-seen' }>,
): SchedulerState {
  if (!state.nodes.has(nodeId)) return state;
  return hear(state, nodeId, { ...state.heard.get(nodeId), at, ...(disk && { disk }) });
}

const hear = (state: SchedulerState, nodeId: NodeId, heard: NodeHeard): SchedulerState => ({
  ...state,
  heard: state.heard.set(nodeId, { ...heard, at: Math.max(heard.at, state.heard.get(nodeId)?.at ?? heard.at) }),
});

/** Its leases stay until they expire: the node may come back with them. */
export function dropNode(state: SchedulerState, nodeId: NodeId): SchedulerState {
  const nodes = new Map(state.nodes);
  nodes.delete(nodeId);
  return reindexRoom({ ...state, nodes, heard: state.heard.delete(nodeId) }, nodeId);
}
