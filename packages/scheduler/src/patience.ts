import type { JobId, NodeId, TaskId } from '@reelmill/protocol';
import type { Draft } from './draft.ts';
import type { ClockMs, SchedulerState, TaskPlan } from './model.ts';

/** A pinned pool that has had no room for so long may be passed over, where the job allows it. */
export const spillAfterMs = 30_000;
/** A task that fits a node only when that has little else to do waits so long before the node is kept free for it. */
export const reserveAfterMs = 20_000;

/** Tasks of one job that need the same: they wait together. `pin`: for tagged nodes; `memory`: beside small tasks. */
type WaitKey = `${'pin' | 'memory'} ${string}`;

export interface Reservation {
  readonly taskId: TaskId;
  readonly nodeId: NodeId;
}

/** How long what cannot be placed has been waiting, and whom a node is kept free for. True only while this process lives. */
export interface Patience {
  readonly since: ReadonlyMap<WaitKey, ClockMs>;
  /** At most one node of the farm at a time. */
  readonly reservation: Reservation | null;
}

export const noPatience: Patience = { since: new Map(), reservation: null };

/** Alike for tasks that any node judges alike, as long as none of them failed. */
export const needsKey = ({ jobId, rendition, kind, toolchainClass, memoryBytes, diskBytes }: TaskPlan): string =>
  `${jobId} ${rendition} ${kind} ${toolchainClass} ${memoryBytes} ${diskBytes}`;

const keyOf = (why: 'pin' | 'memory', plan: TaskPlan): WaitKey => `${why} ${needsKey(plan)}`;

/** Whether a node is kept free for tasks with these needs. */
export function isReservedFor(state: SchedulerState, { taskId }: Reservation, plan: TaskPlan): boolean {
  const reserved = state.tasks.get(taskId);
  return reserved !== undefined && needsKey(plan) === needsKey(reserved.plan);
}

/** Whether its job has anything to hand out. */
const isQueued = ({ index }: SchedulerState, key: WaitKey): boolean =>
  (index.work.get(key.split(' ')[1] as JobId)?.queued.farm.length ?? 0) > 0;

/** Whether nodes without its tags may have the task: its pool had no room for long enough. */
export function hasSpilled(state: SchedulerState, at: ClockMs, plan: TaskPlan): boolean {
  if (plan.pin?.spill !== 'busy') return false;
  const since = state.patience.since.get(keyOf('pin', plan));
  return since !== undefined && at - since >= spillAfterMs;
}

/** The reservation, while its task still waits. */
export function reservationOf(state: SchedulerState): Reservation | null {
  const { reservation } = state.patience;
  if (reservation === null) return null;
  return state.tasks.get(reservation.taskId)?.phase.kind === 'queued' ? reservation : null;
}

/** What one round of assignment learns about waiting. */
export class PatienceNotes {
  readonly #draft: Draft;
  readonly #blocked = new Set<WaitKey>();
  readonly #passedOver = new Set<string>();

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  /** The task could not be placed for this reason alone. */
  blocked(why: 'pin' | 'memory', plan: TaskPlan): void {
    const key = keyOf(why, plan);
    this.#blocked.add(key);
    const { since } = this.#draft.state.patience;
    if (!since.has(key)) this.#change({ since: new Map(since).set(key, this.#draft.at) });
  }

  /** Tasks of these needs get on: what is left of them begins to wait anew, and no node is kept free for them. */
  placed(plan: TaskPlan): void {
    const { state } = this.#draft;
    const reserved = reservationOf(state);
    const since = without(state.patience.since, (key) => key === keyOf('memory', plan));
    const fulfilled = reserved !== null && isReservedFor(state, reserved, plan);
    if (since === state.patience.since && !fulfilled) return;
    this.#change({ since, ...(fulfilled && { reservation: null }) });
  }

  /**
   * Keeps the node free for a task that has waited long enough while none of its kind runs anywhere, unless a node is
   * kept free already.
   */
  wants(plan: TaskPlan, nodeId: NodeId): void {
    const { state, at } = this.#draft;
    const since = state.patience.since.get(keyOf('memory', plan)) ?? at;
    if (at - since < reserveAfterMs || reservationOf(state) !== null || isRunning(state, needsKey(plan))) return;
    this.#change({ reservation: { taskId: plan.taskId, nodeId } });
  }

  /** The reserved node cannot keep its promise. */
  release(): void {
    this.#change({ reservation: null });
  }

  /** The task was looked at, and no node had it. */
  passedOver(plan: TaskPlan): void {
    this.#passedOver.add(needsKey(plan));
  }

  /**
   * Who was looked at and not blocked waits for its pool no more; memory it waits for until it is placed: a node without a
   * free slot is not looked at, and large tasks would begin to wait anew each time.
   * @param sawAll whether every waiting task was looked at
   */
  end(sawAll: boolean): void {
    if (!sawAll) return;
    const { state } = this.#draft;
    const { patience } = state;
    const reserved = patience.reservation && state.tasks.get(patience.reservation.taskId);
    const since = without(patience.since, (key) =>
      key.startsWith('pin ') ? !this.#blocked.has(key) : !isQueued(state, key),
    );
    const isIdle = patience.reservation !== null && !(reserved && this.#passedOver.has(needsKey(reserved.plan)));
    if (since !== patience.since || isIdle) this.#change({ since, ...(isIdle && { reservation: null }) });
  }

  #change(fields: Partial<Patience>): void {
    const { patience } = this.#draft.state;
    this.#draft.emit({ type: 'patience-changed', patience: { ...patience, ...fields } });
  }
}

/** Whether an attempt with these needs is under way. */
function isRunning(state: SchedulerState, needs: string): boolean {
  for (const leases of state.index.leases.values()) {
    for (const taskId of leases.keys()) {
      const plan = state.tasks.get(taskId)?.plan;
      if (plan !== undefined && needsKey(plan) === needs) return true;
    }
  }
  return false;
}

/** The same map where nothing is dropped. */
function without<Key, Value>(map: ReadonlyMap<Key, Value>, isDropped: (key: Key) => boolean): ReadonlyMap<Key, Value> {
  const kept = [...map].filter(([key]) => !isDropped(key));
  return kept.length === map.size ? map : new Map(kept);
}
