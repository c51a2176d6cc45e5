import type { NodeId } from '@reelmill/protocol';
import type { TaskPlan } from './model.ts';
import { PersistentMap } from './persistentMap.ts';
import { sortedPosition } from './sortedPosition.ts';

/** What runs at one speed on a node: tasks of one kind and rendition; `all` pools everything a node did. */
type WorkName = `${TaskPlan['kind']} ${string}` | 'all';

interface Measure {
  readonly costSeconds: number;
  readonly wallSeconds: number;
}
interface WorkSpeeds {
  readonly byNode: PersistentMap<NodeId, Measure>;
  /** Of all nodes, ascending: the middle one speaks for nodes without a measure. */
  readonly sorted: readonly number[];
}

/**
 * How fast nodes proved to be: predicted cost over wall time of completed tasks, per node and kind of work. Facts of
 * the journal, hence the same after a replay.
 */
export type SpeedBook = PersistentMap<WorkName, WorkSpeeds>;

export const emptySpeeds: SpeedBook = PersistentMap.empty();

/** What an older result still counts when a newer one comes: a node that warms up or is used otherwise is noticed. */
const remembered = 0.8;
/** Shorter attempts say more about process starts than about speed. */
const shortestSeconds = 0.01;

const workOf = (plan: TaskPlan): WorkName => `${plan.kind} ${plan.rendition ?? ''}`;
const rateOf = (measure: Measure): number => measure.costSeconds / measure.wallSeconds;
const ascending = (left: number, right: number): number => left - right;

/** One more completed task. */
export function measured(
  book: SpeedBook,
  plan: TaskPlan,
  { nodeId, wallSeconds }: { readonly nodeId: NodeId | 'house'; readonly wallSeconds: number },
): SpeedBook {
  if (nodeId === 'house' || plan.place === 'house' || plan.costSeconds <= 0) return book;
  const one = { costSeconds: plan.costSeconds, wallSeconds: Math.max(shortestSeconds, wallSeconds) };
  return add(add(book, workOf(plan), { nodeId, one }), 'all', { nodeId, one });
}

function add(book: SpeedBook, work: WorkName, { nodeId, one }: { nodeId: NodeId; one: Measure }): SpeedBook {
  const { byNode, sorted } = book.get(work) ?? { byNode: PersistentMap.empty<NodeId, Measure>(), sorted: [] };
  const before = byNode.get(nodeId);
  const now = {
    costSeconds: remembered * (before?.costSeconds ?? 0) + one.costSeconds,
    wallSeconds: remembered * (before?.wallSeconds ?? 0) + one.wallSeconds,
  };
  const others = before === undefined ? sorted : sorted.toSpliced(sortedPosition(sorted, rateOf(before), ascending), 1);
  const rates = others.toSpliced(sortedPosition(others, rateOf(now), ascending), 0, rateOf(now));
  return book.set(work, { byNode: byNode.set(nodeId, now), sorted: rates });
}

const median = (sorted: readonly number[]): number | null => sorted[sorted.length >> 1] ?? null;

/** Cost seconds per second that the nodes of the farm do at this kind of work, at the median; null: never measured. */
export const medianSpeed = (book: SpeedBook, plan: TaskPlan): number | null =>
  median(book.get(workOf(plan))?.sorted ?? []);

/** The same of one node; the median of the farm where it has not done such work yet. */
export function speedOn(book: SpeedBook, plan: TaskPlan, nodeId: NodeId): number | null {
  const work = book.get(workOf(plan));
  const measure = work?.byNode.get(nodeId);
  return measure === undefined ? median(work?.sorted ?? []) : rateOf(measure);
}

/** Speeds of nodes over all kinds of work, for comparing nodes; 1 where nothing is known. */
export function pacesOf(book: SpeedBook): (nodeId: NodeId) => number {
  const all = book.get('all');
  const usual = median(all?.sorted ?? []) ?? 1;
  return (nodeId) => {
    const measure = all?.byNode.get(nodeId);
    return measure === undefined ? usual : rateOf(measure);
  };
}

/** Canonical content, for comparing states. */
export const speedFacts = (book: SpeedBook): unknown =>
  [...book].map(([work, { byNode, sorted }]) => [work, [...byNode].sort(byName), sorted]).sort(byName);

const byName = (left: readonly unknown[], right: readonly unknown[]): number =>
  String(left[0]) < String(right[0]) ? -1 : 1;
