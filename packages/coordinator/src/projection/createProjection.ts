import { randomUUID } from 'node:crypto';
import {
  type ErrorData,
  type FarmPatch,
  type FarmSnapshot,
  type FarmView,
  type NodeId,
  timing,
} from '@reelmill/protocol';
import type { SchedulerEvent } from '@reelmill/scheduler';
import type { CoreChange, ProjectionHandle, ProjectionOptions } from '../farmCorePort.ts';
import { FarmViewBuilder } from './farmViewBuilder.ts';

export interface ProjectionClock {
  /** Monotonic milliseconds. */
  nowMs(): number;
  nowIso(): string;
}

export interface ProjectionExtras {
  readonly clock?: ProjectionClock;
  /** Replaces timers in tests: called with the delay until the next patch is due. Returns the way to cancel. */
  readonly schedule?: (run: () => void, delayMs: number) => () => void;
}

/** A projection with what the doors beside it may tell. */
export interface Projection extends ProjectionHandle {
  /** An agent that is on the network knocked and was refused: its row says why. */
  noteRefused(nodeId: NodeId, error: ErrorData): void;
}

/** Of a long queue that nobody looked at before, what is built in one go, and how soon the next. */
const jobsPerBuild = 250;
const nextPageMs = 5;

/** Elapsed seconds, silence and stale speeds move without any change of the core. */
const refreshEveryMs = 1_000;

const systemClock: ProjectionClock = { nowMs: () => performance.now(), nowIso: () => new Date().toISOString() };

function timerSchedule(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, Math.max(0, delayMs));
  timer.unref();
  return () => clearTimeout(timer);
}

const structuralKinds: ReadonlySet<CoreChange['kind']> = new Set([
  'node-connected',
  'node-disconnected',
  'watch-folders',
]);

/** Changes after which a reader must not see the old picture, however recent it is. */
function isStructural(change: CoreChange): boolean {
  if (change.kind !== 'events') return structuralKinds.has(change.kind);
  return change.events.some(({ type }) => type.startsWith('job-') || type.startsWith('farm-'));
}

const endings: ReadonlySet<SchedulerEvent['type']> = new Set(['job-done', 'job-failed', 'job-canceled']);
const endsJob = (change: CoreChange): boolean =>
  change.kind === 'events' && change.events.some(({ type }) => endings.has(type));

/**
 * The read side of the farm: builds what people see from the core's feed and tells it as numbered patches, at most
 * one per `timing.uiPatchIntervalMs`. Every listener sees the same numbers. While nobody looks nothing is built.
 */
export function createProjection(options: ProjectionOptions, extras: ProjectionExtras = {}): Projection {
  const clock = extras.clock ?? systemClock;
  const schedule = extras.schedule ?? timerSchedule;
  const builder = new FarmViewBuilder(options, clock);
  const listeners = new Map<(patch: FarmPatch) => void, { endsAtOnce: boolean }>();
  const epoch = randomUUID();
  let farm: FarmView | null = null;
  let sequence = 0;
  let builtAtMs = Number.NEGATIVE_INFINITY;
  let urgent = false;
  let cancelNext = (): void => {};
  let nextDueMs = Number.POSITIVE_INFINITY;
  let toCome = Number.POSITIVE_INFINITY;

  const flush = (atMost?: number): FarmView => {
    const { changes, farm: next, ...built } = builder.build(atMost);
    toCome = built.toCome;
    const isFirst = farm === null;
    farm = next;
    builtAtMs = clock.nowMs();
    urgent = false;
    planNext();
    if (isFirst || changes.length === 0) return next;
    sequence += 1;
    const patch = { epoch, sequence, changes };
    for (const listener of listeners.keys()) listener(patch);
    return next;
  };
  function plan(delayMs: number): void {
    cancelNext();
    nextDueMs = clock.nowMs() + delayMs;
    cancelNext = schedule(act, delayMs);
  }
  function planNext(): void {
    cancelNext();
    nextDueMs = Number.POSITIVE_INFINITY;
    if (listeners.size > 0 && toCome > 0 && farm !== null) plan(nextPageMs);
    else if (listeners.size > 0 || builder.isBusy) plan(refreshEveryMs);
  }
  function act(): void {
    if (listeners.size > 0) {
      flush(jobsPerBuild);
      return;
    }
    builder.follow();
    planNext();
  }
  const changed = (atOnce = false): void => {
    if (listeners.size === 0) {
      if (nextDueMs === Number.POSITIVE_INFINITY) planNext();
      return;
    }
    const dueMs = atOnce ? clock.nowMs() : Math.max(clock.nowMs(), builtAtMs + timing.uiPatchIntervalMs);
    if (dueMs < nextDueMs) plan(dueMs - clock.nowMs());
  };
  const unsubscribe = options.feed.subscribe((change) => {
    builder.note(change);
    urgent ||= isStructural(change);
    changed(endsJob(change) && [...listeners.values()].some(({ endsAtOnce }) => endsAtOnce));
  });
  planNext();

  return {
    snapshot({ begun = false } = {}): FarmSnapshot {
      const isOld = farm === null || urgent || clock.nowMs() - builtAtMs >= timing.uiPatchIntervalMs;
      const isEnough = begun || toCome === 0;
      const shown = isOld || !isEnough ? flush(begun ? jobsPerBuild : undefined) : (farm as FarmView);
      return { epoch, sequence, farm: shown };
    },
    subscribe(listener, { endsAtOnce = false } = {}) {
      if (farm === null) flush();
      listeners.set(listener, { endsAtOnce });
      if (toCome > 0) planNext();
      changed();
      return () => listeners.delete(listener);
    },
    setLan(facts) {
      builder.setLan(facts);
      urgent = true;
      changed();
    },
    noteRefused(nodeId, error) {
      if (builder.noteRefused(nodeId, error)) changed();
    },
    close() {
      unsubscribe();
      cancelNext();
      listeners.clear();
    },
  };
}
