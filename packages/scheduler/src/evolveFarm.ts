import { type NodeId, timing } from '@reelmill/protocol';
import { putTask } from './jobIndex.ts';
import type { ClockMs, NodeRecord, SchedulerState } from './model.ts';
import { noPatience } from './patience.ts';
import { taskOf } from './state.ts';

/**
 * A new process starts with a new lease clock and without connections: times of the old clock mean nothing, so farm
 * leases get one TTL to be claimed by their nodes and nobody waits for a backoff of the past.
 */
export function boot(state: SchedulerState, at: ClockMs): SchedulerState {
  let next: SchedulerState = { ...state, nodes: new Map(), clock: at, patience: noPatience };
  for (const [holder, leases] of state.index.leases) {
    if (holder === 'house') continue;
    for (const [taskId, held] of leases) {
      const lease = { ...held, expiresAt: at + timing.leaseTtlMs, delivering: false };
      next = putTask(next, taskId, { ...taskOf(next, taskId), phase: { kind: 'leased', lease } });
    }
  }
  for (const place of ['farm', 'house'] as const) {
    for (const jobId of state.index.jobsQueued[place]) {
      for (const taskId of state.index.work.get(jobId)?.queued[place] ?? []) {
        next = putTask(next, taskId, { ...taskOf(next, taskId), phase: { kind: 'queued', notBefore: at } });
      }
    }
  }
  return next;
}

export function putNode(state: SchedulerState, node: NodeRecord): SchedulerState {
  return { ...state, nodes: new Map(state.nodes).set(node.nodeId, node) };
}

export function patchNode(state: SchedulerState, nodeId: NodeId, fields: Partial<NodeRecord>): SchedulerState {
  const node = state.nodes.get(nodeId);
  return node === undefined ? state : putNode(state, { ...node, ...fields });
}

export function seeNode(state: SchedulerState, nodeId: NodeId, at: ClockMs): SchedulerState {
  const lastSeenAt = Math.max(at, state.nodes.get(nodeId)?.lastSeenAt ?? at);
  return patchNode(state, nodeId, { lastSeenAt });
}

/** Its leases stay until they expire: the node may come back with them. */
export function dropNode(state: SchedulerState, nodeId: NodeId): SchedulerState {
  const nodes = new Map(state.nodes);
  nodes.delete(nodeId);
  return { ...state, nodes };
}
