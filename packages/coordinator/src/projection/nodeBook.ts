import type { CpuBack, ErrorData, HardwareProof, NodeId, NodeView, Telemetry } from '@reelmill/protocol';
import type { SchedulerState } from '@reelmill/scheduler';
import type { FoundNode, NodeFacts } from '../farmCorePort.ts';
import { type NodeOrders, nodeOrders, sameOrders } from './nodeOrders.ts';

/** Silence after which a node is shown offline; with the 1 s refresh that is within the 12 s of decision 31. */
const silentAfterMs = 10_000;

interface NodeEntry {
  name: string;
  address: string | null;
  facts: NodeFacts | null;
  connected: boolean;
  advertised: boolean;
  telemetry: Telemetry | null;
  lastSeenEpochMs: number | null;
  lastSeenMs: number;
  hardware: readonly HardwareProof[] | null;
  cpuBack: CpuBack | null;
  refusal: ErrorData | null;
  completed: number;
  failed: number;
  lost: number;
  downPerSecond: number;
  upPerSecond: number;
  /** As it was last shown, until something of it changes. */
  shown: ShownNode | null;
}

interface ShownNode {
  readonly live: LiveNode;
  readonly view: NodeView;
}

/** What a row shows beside what the node told. */
interface LiveNode {
  readonly work: NodeWork;
  readonly isHeard: boolean;
  readonly orders: NodeOrders;
}

export interface NodeWork {
  readonly items: NodeView['work'];
  /** Items that hold a slot: one that only uploads its result does not. */
  readonly busySlots: number;
}
const idle: NodeWork = { items: [], busySlots: 0 };

/** When a node was heard: for people, and on the monotonic clock. */
export interface Seen {
  readonly epochMs: number;
  readonly ms: number;
}

export interface NodeFactsNow {
  workOf(nodeId: NodeId): NodeWork | undefined;
  readonly state: SchedulerState;
  readonly nowMs: number;
}

const isSame = (before: LiveNode, now: LiveNode): boolean =>
  before.work === now.work && before.isHeard === now.isHeard && sameOrders(before.orders, now.orders);

const freshEntry = (name: string, address: string | null): NodeEntry => ({
  name,
  address,
  facts: null,
  connected: false,
  advertised: false,
  telemetry: null,
  lastSeenEpochMs: null,
  lastSeenMs: 0,
  hardware: null,
  cpuBack: null,
  refusal: null,
  completed: 0,
  failed: 0,
  lost: 0,
  downPerSecond: 0,
  upPerSecond: 0,
  shown: null,
});

/** Every node people should see: connected, gone but remembered, or only found on the network. */
export class NodeBook {
  readonly #nodes = new Map<NodeId, NodeEntry>();

  connected(facts: NodeFacts, seen: Seen): void {
    const entry = this.#entry(facts.nodeId, facts.name, facts.address);
    Object.assign(entry, { name: facts.name, address: facts.address, facts, connected: true, refusal: null });
    Object.assign(entry, {
      lastSeenEpochMs: seen.epochMs,
      lastSeenMs: seen.ms,
      downPerSecond: 0,
      upPerSecond: 0,
      shown: null,
    });
    // Counters of the agent's process start again with it.
    entry.telemetry = null;
  }

  disconnected(nodeId: NodeId): void {
    const entry = this.#nodes.get(nodeId);
    if (entry !== undefined) Object.assign(entry, { connected: false, shown: null });
  }

  telemetry(nodeId: NodeId, telemetry: Telemetry, seen: Seen): void {
    const entry = this.#nodes.get(nodeId);
    if (entry === undefined) return;
    const seconds = (seen.ms - entry.lastSeenMs) / 1000;
    if (entry.telemetry !== null && seconds > 0) {
      entry.downPerSecond = Math.max(0, telemetry.bytesDownloaded - entry.telemetry.bytesDownloaded) / seconds;
      entry.upPerSecond = Math.max(0, telemetry.bytesUploaded - entry.telemetry.bytesUploaded) / seconds;
    }
    entry.telemetry = telemetry;
    entry.lastSeenEpochMs = seen.epochMs;
    entry.lastSeenMs = seen.ms;
    entry.shown = null;
  }

  hardware(nodeId: NodeId, proofs: readonly HardwareProof[] | null): void {
    const entry = this.#nodes.get(nodeId);
    if (entry !== undefined) Object.assign(entry, { hardware: proofs, shown: null });
  }

  cpuBack(nodeId: NodeId, cpuBack: CpuBack): void {
    const entry = this.#nodes.get(nodeId);
    if (entry !== undefined) Object.assign(entry, { cpuBack, shown: null });
  }

  found(node: FoundNode): void {
    const entry = this.#entry(node.nodeId, node.name, node.address);
    Object.assign(entry, { advertised: true, shown: null });
    if (entry.facts === null) Object.assign(entry, { name: node.name, address: node.address });
  }

  /** No longer advertised: a node that never joined leaves the list, others stay as they are. */
  lost(nodeId: NodeId): void {
    const entry = this.#nodes.get(nodeId);
    if (entry === undefined) return;
    entry.advertised = false;
    if (entry.facts === null) this.#nodes.delete(nodeId);
  }

  /** Shown only on nodes found on the network: a stranger cannot put names on the list by knocking. */
  refused(nodeId: NodeId, error: ErrorData): boolean {
    const entry = this.#nodes.get(nodeId);
    if (entry === undefined || entry.connected) return false;
    Object.assign(entry, { refusal: error, shown: null });
    return true;
  }

  forget(nodeId: NodeId): void {
    if (this.#nodes.get(nodeId)?.connected === false) this.#nodes.delete(nodeId);
  }

  count(nodeId: NodeId, outcome: 'completed' | 'failed' | 'lost'): void {
    const entry = this.#nodes.get(nodeId);
    if (entry === undefined) return;
    entry[outcome] += 1;
    entry.shown = null;
  }

  name(nodeId: NodeId): string {
    return this.#nodes.get(nodeId)?.name ?? nodeId;
  }

  /** Bytes per second of all connected nodes, from their last two health reports. */
  traffic(): { up: number; down: number; cpuPercent: number | null } {
    const sum = { up: 0, down: 0, cpu: 0, measured: 0 };
    for (const { connected, telemetry, upPerSecond, downPerSecond } of this.#nodes.values()) {
      if (!connected) continue;
      sum.up += upPerSecond;
      sum.down += downPerSecond;
      if (telemetry === null) continue;
      sum.cpu += telemetry.cpuPercent;
      sum.measured += 1;
    }
    const cpuPercent = sum.measured === 0 ? null : Math.round(sum.cpu / sum.measured);
    return { up: Math.round(sum.up), down: Math.round(sum.down), cpuPercent };
  }

  /** Rows that show what they showed before are the same objects. */
  views({ workOf, state, nowMs }: NodeFactsNow): NodeView[] {
    const views: NodeView[] = [];
    for (const [nodeId, entry] of this.#nodes) {
      const isHeard = entry.connected && nowMs - entry.lastSeenMs <= silentAfterMs;
      const live = { work: workOf(nodeId) ?? idle, isHeard, orders: nodeOrders(state, nodeId) };
      if (entry.shown === null || !isSame(entry.shown.live, live)) {
        entry.shown = { live, view: this.#view(nodeId, entry, live) };
      }
      views.push(entry.shown.view);
    }
    return views;
  }

  #entry(nodeId: NodeId, name: string, address: string | null): NodeEntry {
    const known = this.#nodes.get(nodeId);
    if (known !== undefined) return known;
    const entry = freshEntry(name, address);
    this.#nodes.set(nodeId, entry);
    return entry;
  }

  #state(entry: NodeEntry, live: LiveNode): NodeView['state'] {
    if (live.isHeard) return live.work.items.length > 0 ? 'rendering' : 'ready';
    if (entry.refusal !== null) return 'refused';
    return entry.facts === null ? 'found' : 'offline';
  }

  #view(nodeId: NodeId, entry: NodeEntry, live: LiveNode): NodeView {
    const state = this.#state(entry, live);
    const online = state === 'ready' || state === 'rendering';
    const { items, busySlots } = online ? live.work : idle;
    const { quarantine, pause, closure, hours, followsHours, diskLow } = live.orders;
    return {
      nodeId,
      name: entry.name,
      state,
      local: entry.facts?.local ?? false,
      address: entry.address,
      slots: entry.facts?.slots ?? 0,
      busySlots,
      cpuPercent: online && entry.telemetry !== null ? Math.round(entry.telemetry.cpuPercent) : null,
      memoryUsedBytes: entry.telemetry?.memoryUsedBytes ?? null,
      memoryBytes: entry.facts?.memoryBytes ?? null,
      taskMemoryBytes: entry.facts?.taskMemoryBytes ?? null,
      tags: [...(entry.facts?.tags ?? [])],
      kinds: entry.facts?.kinds ? [...entry.facts.kinds] : null,
      ...(entry.facts?.kindCaps && { kindCaps: entry.facts.kindCaps }),
      freeDiskBytes: entry.telemetry?.freeDiskBytes ?? null,
      temperatureCelsius: online ? (entry.telemetry?.temperatureCelsius ?? null) : null,
      fps: Math.round(10 * items.reduce((sum, item) => sum + item.fps, 0)) / 10,
      work: items,
      completed: entry.completed,
      failed: entry.failed,
      lost: entry.lost,
      ffmpegVersion: entry.facts?.ffmpegVersion ?? null,
      hardware: entry.hardware === null ? null : [...entry.hardware],
      lastSeenAt: entry.lastSeenEpochMs === null ? null : new Date(entry.lastSeenEpochMs).toISOString(),
      error: state === 'refused' ? entry.refusal : null,
      quarantine: quarantine && { since: quarantine.sinceIso, error: quarantine.error },
      diskLow,
      pause,
      closure,
      hours: hours && { ...hours, followed: followsHours },
      cpuBack: entry.cpuBack,
      lending: entry.facts?.lending ?? null,
    };
  }
}
