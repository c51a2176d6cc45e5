import {
  type DiskView,
  type ErrorData,
  type FarmChange,
  type FarmStats,
  type FarmView,
  type JobId,
  type NodeId,
  productVersion,
} from '@reelmill/protocol';
import type { SchedulerEvent, SchedulerState } from '@reelmill/scheduler';
import { waitingFor } from '../farm/whyWaiting.ts';
import type { CoreChange, ProjectionOptions } from '../farmCorePort.ts';
import type { ProjectionClock } from './createProjection.ts';
import { lowDiskWarnings } from './diskViews.ts';
import { EtaBook, keptForecasts } from './etaBook.ts';
import { farmStats } from './farmStats.ts';
import { JobBook } from './jobBook.ts';
import { same } from './jobChanges.ts';
import { type JobViewContext, jobView } from './jobView.ts';
import { NodeBook, type Seen } from './nodeBook.ts';
import { nodeChanges } from './nodeChanges.ts';
import { nodeWork } from './nodeWork.ts';
import { presetViews } from './presetViews.ts';
import { queueViews } from './queueViews.ts';
import { jobOfEvent, jobOfTask, RunningBook } from './runningBook.ts';
import { WorkClock } from './workClock.ts';

export interface FarmBuild {
  readonly farm: FarmView;
  /** What turns the picture before into this one. */
  readonly changes: FarmChange[];
  /** Jobs that it does not show yet. */
  readonly toCome: number;
}

/** Gathers what the core tells and builds the whole picture on demand; what nothing touched is not built again. */
export class FarmViewBuilder {
  readonly #options: ProjectionOptions;
  readonly #clock: ProjectionClock;
  readonly #book = new RunningBook();
  readonly #nodes = new NodeBook();
  readonly #jobs = new JobBook();
  readonly #eta: EtaBook;
  readonly #worked: WorkClock;
  readonly #presets: FarmView['presets'];
  readonly #refused: FarmStats['refusedMessages'] = {};
  readonly #warnings: ErrorData[] = [];
  #storage: FarmStats['storage'];
  #disk: DiskView | null = null;
  #watchFolders: FarmView['watchFolders'] = [];
  #spaceWaiting: readonly JobId[] = [];
  #lan: { lan: boolean; joinCommand: string | null } = { lan: false, joinCommand: null };
  /** Who waits for a node may have found one, or lost it. */
  #nodesChanged = false;
  #farm: FarmView | null = null;

  constructor(options: ProjectionOptions, clock: ProjectionClock) {
    this.#options = options;
    this.#clock = clock;
    this.#presets = presetViews(options.presets);
    this.#storage = { kind: options.storageKind, ok: true, freeBytes: null };
    this.#eta = new EtaBook(keptForecasts(options.feed.state()));
    this.#book.adopt(options.feed.state());
    this.#worked = new WorkClock(clock);
  }

  note(change: CoreChange): void {
    switch (change.kind) {
      case 'events':
        for (const event of change.events) this.#noteEvent(event);
        break;
      case 'task-progress':
        this.#book.noteProgress(change.nodeId, change.progress, this.#clock.nowMs());
        this.#jobs.touch(jobOfTask(change.progress.taskId));
        break;
      case 'house-progress':
        this.#book.noteHouse(change.progress);
        this.#jobs.touch(change.progress.jobId);
        break;
      case 'node-connected':
        this.#nodes.connected(change.facts, this.#seenNow());
        break;
      case 'node-disconnected':
        this.#nodes.disconnected(change.nodeId);
        break;
      case 'node-telemetry':
        this.#nodes.telemetry(change.nodeId, change.telemetry, { epochMs: change.epochMs, ms: this.#clock.nowMs() });
        break;
      case 'node-cpu-back':
        this.#nodes.cpuBack(change.nodeId, change.cpuBack);
        break;
      case 'node-hardware':
        this.#nodes.hardware(change.nodeId, change.proofs);
        break;
      case 'node-found':
        this.#nodes.found(change.node);
        break;
      case 'node-lost':
        this.#nodes.lost(change.nodeId);
        break;
      case 'node-forgotten':
        this.#nodes.forget(change.nodeId);
        break;
      case 'message-refused':
        this.#refused[change.reason] = (this.#refused[change.reason] ?? 0) + 1;
        break;
      case 'farm-warning':
        this.#warnings.push(change.error);
        break;
      case 'watch-folders':
        this.#watchFolders = [...change.folders];
        break;
      case 'disk':
        this.#disk = change.disk;
        break;
      case 'storage':
        this.#storage = { kind: this.#options.storageKind, ok: change.ok, freeBytes: change.freeBytes };
        break;
    }
  }

  setLan(facts: { lan: boolean; joinCommand: string | null }): void {
    this.#lan = facts;
  }

  noteRefused(nodeId: NodeId, error: ErrorData): boolean {
    return this.#nodes.refused(nodeId, error);
  }

  /** Tasks of nodes are under way. */
  get isBusy(): boolean {
    return !this.#book.isEmpty;
  }

  /** While nobody looks: keeps up what the time left is told from, and nothing else. */
  follow(): void {
    const state = this.#options.feed.state();
    this.#book.prune(state);
    const context = this.#context(state);
    const jobIds = new Set([...this.#book.running()].map(({ taskId }) => jobOfTask(taskId)));
    for (const jobId of jobIds) {
      const record = state.jobs.get(jobId);
      if (record !== undefined) jobView(record, context);
    }
  }

  /** @param atMost jobs that were there before anybody looked; others are always shown */
  build(atMost = Number.POSITIVE_INFINITY): FarmBuild {
    const state = this.#options.feed.state();
    const before = this.#farm;
    const nowMs = this.#clock.nowMs();
    this.#book.prune(state);
    this.#touchWaiting(state);
    const context = this.#context(state);
    const queue = this.#jobs.build({ state, atMost, viewOf: (record) => jobView(record, context) }, nowMs);
    const work = nodeWork(this.#book.running(), { state, nowMs });
    const nodes = this.#nodes.views({ workOf: (nodeId) => work.get(nodeId), state, nowMs });
    const stats = this.#stats(queue.jobs, state);
    const farm = { ...this.#frame(), stats, nodes, jobs: queue.jobs };
    this.#farm = farm;
    const told: FarmChange[] = same(before?.stats, stats) ? [] : [{ kind: 'stats-changed', stats }];
    const { watchFolders } = farm;
    if (before?.watchFolders !== watchFolders) told.push({ kind: 'watch-folders-changed', watchFolders });
    const changes = [...queue.changes, ...nodeChanges(before?.nodes ?? [], nodes), ...told];
    return { farm, changes, toCome: queue.toCome };
  }

  #frame() {
    const { coordinatorId, coordinatorName } = this.#options;
    const watchFolders = this.#watchFolders;
    return { coordinatorId, coordinatorName, productVersion, presets: this.#presets, watchFolders };
  }

  #stats(jobs: FarmView['jobs'], state: SchedulerState): FarmStats {
    return farmStats(jobs, {
      traffic: this.#nodes.traffic(),
      storage: this.#storage,
      disk: this.#disk,
      order: { ...state.gate, queues: queueViews(this.#options.queues ?? [], state) },
      eta: this.#eta.record(),
      ...this.#lan,
      refusedMessages: { ...this.#refused },
      warnings: [...this.#warnings, ...lowDiskWarnings(this.#disk)],
    });
  }

  /** Counts outcomes before `prune` forgets who held the attempt. */
  #noteEvent(event: SchedulerEvent): void {
    const jobId = jobOfEvent(event);
    if (jobId !== undefined) this.#jobs.touch(jobId);
    switch (event.type) {
      case 'job-submitted':
      case 'job-ordered':
      case 'job-discarded':
      case 'job-restored':
        this.#jobs.place(event.jobId);
        break;
      case 'job-removed':
        this.#jobs.place(event.jobId);
        this.#worked.forget(event.jobId);
        this.#eta.forget(event.jobId);
        break;
      case 'job-done':
        this.#settle(event.jobId);
        this.#worked.ended(event.jobId);
        break;
      case 'job-failed':
      case 'job-canceled':
        this.#worked.ended(event.jobId);
        break;
      case 'node-joined':
      case 'node-left':
      case 'node-standing':
      case 'node-paused':
      case 'node-resumed':
      case 'node-hours-set':
      case 'node-proved':
        this.#nodesChanged = true;
        break;
      case 'space-noted':
        for (const jobId of this.#spaceWaiting) this.#jobs.touch(jobId);
        this.#spaceWaiting = [...event.space.waiting.keys()];
        for (const jobId of this.#spaceWaiting) this.#jobs.touch(jobId);
        break;
      case 'lease-granted':
        this.#worked.worked(jobOfTask(event.taskId));
        if (event.nodeId !== 'house') this.#book.granted(event.taskId, event.attempt, event.nodeId);
        break;
      case 'task-completed':
        this.#count(event.result.nodeId, 'completed');
        break;
      case 'task-soft-failed':
        this.#count(event.nodeId, 'failed');
        break;
      case 'task-failed':
        this.#count(this.#book.ownerOf(event.taskId, event.attempt), 'failed');
        break;
      case 'lease-lost':
        if (event.reason === 'expired' || event.reason === 'disconnected') this.#count(event.nodeId, 'lost');
        break;
      case 'job-retried':
        this.#eta.forget(event.jobId);
        break;
    }
  }

  #count(nodeId: NodeId | 'house' | undefined, outcome: 'completed' | 'failed' | 'lost'): void {
    if (nodeId !== undefined && nodeId !== 'house') this.#nodes.count(nodeId, outcome);
  }

  /** What was foretold of the job becomes a lesson. */
  #settle(jobId: JobId): void {
    const lesson = this.#eta.finished(jobId, this.#clock.nowMs());
    if (lesson !== null) this.#options.noteForecast?.(jobId, lesson);
  }

  #seenNow(): Seen {
    return { epochMs: Date.parse(this.#clock.nowIso()), ms: this.#clock.nowMs() };
  }

  /** Only jobs whose answer differs are built again. */
  #touchWaiting(state: SchedulerState): void {
    if (!this.#nodesChanged) return;
    this.#nodesChanged = false;
    for (const { jobId, waiting } of this.#farm?.jobs ?? []) {
      if (state.jobs.get(jobId)?.phase.kind !== 'active') continue;
      if (!same(waiting, waitingFor(state, jobId))) this.#jobs.touch(jobId);
    }
  }

  #context(state: SchedulerState): JobViewContext {
    let slots = 0;
    for (const node of state.nodes.values()) slots += node.slots;
    return {
      book: this.#book,
      eta: this.#eta,
      nowMs: this.#clock.nowMs(),
      wallMs: Date.parse(this.#clock.nowIso()),
      slots,
      nodeName: (nodeId) => this.#nodes.name(nodeId),
      task: (taskId) => state.tasks.get(taskId),
      waiting: (jobId) => waitingFor(state, jobId),
      scratchRetentionMs: this.#options.scratchRetentionMs ?? 0,
      elapsedSeconds: (record, stage) => this.#worked.seconds(record, stage),
    };
  }
}
