import { type KindCaps, type NodeId, timing } from '@reelmill/protocol';
import type { ClockMs } from '../model.ts';
import type { Event, Step } from './watching.ts';

/** A node as it told of itself. */
export interface SeenNode {
  readonly slots: number;
  readonly waitingOffers: number;
  readonly kindCaps: KindCaps;
  closed: boolean;
  /** The schedule of the farm's that it said it follows. */
  farmHours: string | null;
  heardAt: ClockMs;
}

/** A node that missed two heartbeats may be passed over. */
const silentMs = 2.5 * timing.heartbeatIntervalMs;

/** Watches which nodes may be given anything: its own books, kept from events and heartbeats. */
export class NodeWatch {
  readonly nodes = new Map<NodeId, SeenNode>();
  private readonly now: () => number;
  private readonly paused = new Set<NodeId>();
  private readonly hours = new Map<NodeId, string>();

  constructor(now: () => number) {
    this.now = now;
  }

  /** Only what the journal holds happened. */
  forget(): void {
    this.paused.clear();
    this.hours.clear();
  }

  hear({ command }: Step): void {
    if (command.type !== 'heartbeat') return;
    const seen = this.nodes.get(command.nodeId);
    if (seen !== undefined) seen.heardAt = this.now();
  }

  /** What forbids to give the node anything; null: nothing. */
  closedBy(nodeId: NodeId): string | null {
    const seen = this.nodes.get(nodeId);
    if (seen === undefined) return 'is not connected';
    if (seen.closed) return 'takes nothing';
    if (this.paused.has(nodeId)) return 'is paused';
    const hours = this.hours.get(nodeId);
    return hours !== undefined && hours !== seen.farmHours ? 'has not heard its hours' : null;
  }

  /** Whether it is neither closed nor silent. */
  isThere(nodeId: NodeId): boolean {
    const seen = this.nodes.get(nodeId);
    return seen !== undefined && this.closedBy(nodeId) === null && this.now() - seen.heardAt <= silentMs;
  }

  learn(event: Event): void {
    switch (event.type) {
      case 'coordinator-booted':
        this.nodes.clear();
        break;
      case 'node-joined':
        this.nodes.set(event.node.nodeId, {
          slots: event.node.slots,
          waitingOffers: event.node.waitingOffers ?? 0,
          kindCaps: event.node.kindCaps ?? {},
          closed: event.node.closure !== null,
          farmHours: event.node.farmHours ?? null,
          heardAt: this.now(),
        });
        break;
      case 'node-left':
        this.nodes.delete(event.nodeId);
        break;
      case 'node-standing': {
        const { nodeId, closure, farmHours = null } = event;
        Object.assign(this.nodes.get(nodeId) ?? {}, { closed: closure !== null, farmHours });
        break;
      }
      case 'node-paused':
        this.paused.add(event.nodeId);
        break;
      case 'node-resumed':
        this.paused.delete(event.nodeId);
        break;
      case 'node-hours-set':
        if (event.schedule === null) this.hours.delete(event.nodeId);
        else this.hours.set(event.nodeId, event.schedule);
        break;
      default:
        return;
    }
  }
}
