import type { NodeId } from '@reelmill/protocol';
import type { Draft } from './draft.ts';
import { type Room, roomOf } from './eligibility.ts';
import type { NodeRecord, SchedulerState } from './model.ts';
import { roomBeside, takesWork } from './nodes.ts';
import { pacesOf } from './speed.ts';

export interface Opening {
  readonly node: NodeRecord;
  readonly room: Room;
  /** How fast it was so far; 1 is the farm's usual. */
  readonly pace: number;
}

/** Room for work now, by node; nodes without any are absent. */
export type Openings = Map<NodeId, Opening>;

/** What of a node is given out: its slots, or what runs beside them. */
export type RoomRule = (state: SchedulerState, node: NodeRecord) => Room;

export const besideRoomOf: RoomRule = (state, node) => roomOf(state, node, roomBeside(state, node));

/** Nodes with free slots. Of a large idle farm that is every node at every decision: each costs a few look-ups only. */
export function freeOpenings(draft: Draft): Openings {
  const { index, nodes, speeds } = draft.state;
  const found: Openings = new Map();
  const pace = pacesOf(speeds);
  index.room.forEach((slots, nodeId) => {
    const node = nodes.get(nodeId);
    if (node === undefined || !takesWork(draft, node)) return;
    found.set(nodeId, { node, room: roomOf(draft.state, node, slots), pace: pace(nodeId) });
  });
  return found;
}

/** Nodes with room beside their slots. */
export function besideOpenings(draft: Draft): Openings {
  const found: Openings = new Map();
  for (const node of draft.state.nodes.values()) {
    const opening = takesWork(draft, node) ? openingOf(draft, node, besideRoomOf) : null;
    if (opening !== null && opening.room.slots > 0) found.set(node.nodeId, opening);
  }
  return found;
}

export const openingOf = ({ state }: Draft, node: NodeRecord, roomRule: RoomRule): Opening => ({
  node,
  room: roomRule(state, node),
  pace: pacesOf(state.speeds)(node.nodeId),
});

/** A grant changed what the node has left. */
export function reopen(
  draft: Draft,
  openings: Openings,
  { node, roomRule }: { node: NodeRecord; roomRule: RoomRule },
): void {
  const opening = openingOf(draft, node, roomRule);
  if (opening.room.slots > 0) openings.set(node.nodeId, opening);
  else openings.delete(node.nodeId);
}

/**
 * Openings in the order in which they are given out: the freest first, of equally free ones the fastest. A binary heap:
 * one decision may have a thousand idle nodes and only a few tasks for them.
 */
export class OpeningLine {
  readonly #heap: Opening[] = [];

  constructor(openings: Openings) {
    for (const opening of openings.values()) this.put(opening);
  }

  put(opening: Opening): void {
    const heap = this.#heap;
    let place = heap.push(opening) - 1;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      const above = heap[parent] as Opening;
      if (!isFreer(opening, above)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = opening;
  }

  take(): Opening | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && isFreer(right, left)) child += 1;
      const freer = heap[child] as Opening;
      if (!isFreer(freer, last)) break;
      heap[place] = freer;
      place = child;
    }
    heap[place] = last;
    return first;
  }
}

function isFreer(one: Opening, other: Opening): boolean {
  if (one.room.slots !== other.room.slots) return one.room.slots > other.room.slots;
  if (one.pace !== other.pace) return one.pace > other.pace;
  return one.node.nodeId < other.node.nodeId;
}

/** One slot less, before the state knows of it. */
export function takeSlot(openings: Openings, nodeId: NodeId): void {
  const opening = openings.get(nodeId);
  if (opening === undefined) return;
  const room = { ...opening.room, slots: opening.room.slots - 1 };
  if (room.slots > 0) openings.set(nodeId, { ...opening, room });
  else openings.delete(nodeId);
}
