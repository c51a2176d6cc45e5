import { outputFormat } from '@reelmill/media';
import {
  type ErrorData,
  type FarmStats,
  type FarmView,
  type JobId,
  type JobView,
  type NodeId,
  type PresetView,
  productVersion,
} from '@reelmill/protocol';
import {
  compareJobs,
  type JobForecast,
  type JobRecord,
  type SchedulerEvent,
  type SchedulerState,
  type TaskPlan,
} from '@reelmill/scheduler';
import { waitingFor } from '../farm/whyWaiting.ts';
import type { CoreChange, ProjectionOptions } from '../farmCorePort.ts';
import type { ProjectionClock } from './createProjection.ts';
import { EtaBook } from './etaBook.ts';
import { farmStats } from './farmStats.ts';
import type { JobStage } from './jobStage.ts';
import { type JobViewContext, jobView, requestOf } from './jobView.ts';
import { NodeBook, type NodeWork } from './nodeBook.ts';
import { queueViews } from './queueViews.ts';
import { currentFps, jobOfEvent, RunningBook, type RunningTask, waitsAtNode } from './runningBook.ts';
import { withQuarantine } from './withQuarantine.ts';

const presetViews = (options: ProjectionOptions): PresetView[] =>
  options.presets.map((preset) => {
    const { id, name, description } = preset;
    return { id, name, description, container: outputFormat(preset) };
  });

/** In the order in which the jobs ended. */
const keptForecasts = ({ jobs }: SchedulerState): JobForecast[] =>
  [...jobs.values()]
    .sort((left, right) => ((left.finishedAtIso ?? '') < (right.finishedAtIso ?? '') ? -1 : 1))
    .flatMap(({ forecast }) => (forecast === undefined ? [] : [forecast]));

/** Its numbers move without any event: at least its elapsed seconds (decision 25), and a deadline comes nearer. */
const isMoving = ({ state, deadline }: JobView): boolean =>
  state === 'preparing' || state === 'encoding' || state === 'finishing' || (state === 'queued' && deadline !== null);

/** Gathers what the core tells and builds the whole picture on demand; jobs that nothing touched are not rebuilt. */
export class FarmViewBuilder {
  readonly #options: ProjectionOptions;
  readonly #clock: ProjectionClock;
  readonly #book = new RunningBook();
  readonly #nodes = new NodeBook();
  readonly #eta: EtaBook;
  readonly #views = new Map<JobId, JobView>();
  readonly #touched = new Set<JobId>();
  readonly #workedSinceMs = new Map<JobId, number>();
  readonly #presets: PresetView[];
  readonly #refused: FarmStats['refusedMessages'] = {};
  readonly #warnings: ErrorData[] = [];
  #storage: FarmStats['storage'];
  #lan: { lan: boolean; joinCommand: string | null } = { lan: false, joinCommand: null };

  constructor(options: ProjectionOptions, clock: ProjectionClock) {
    this.#options = options;
    this.#clock = clock;
    this.#presets = presetViews(options);
    this.#storage = { kind: options.storageKind, ok: true, freeBytes: null };
    this.#eta = new EtaBook(keptForecasts(options.feed.state()));
    this.#book.adopt(options.feed.state());
    for (const jobId of options.feed.state().jobs.keys()) this.#touched.add(jobId);
  }

  note(change: CoreChange): void {
    const seen = { iso: this.#clock.nowIso(), ms: this.#clock.nowMs() };
    switch (change.kind) {
      case 'events':
        for (const event of change.events) this.#noteEvent(event);
        break;
      case 'task-progress':
        this.#book.noteProgress(change.nodeId, change.progress, seen.ms);
        break;
      case 'house-progress':
        this.#book.noteHouse(change.progress);
        break;
      case 'node-connected':
        this.#nodes.connected(change.facts, seen);
        break;
      case 'node-disconnected':
        this.#nodes.disconnected(change.nodeId);
        break;
      case 'node-telemetry':
        this.#nodes.telemetry(change.nodeId, change.telemetry, seen);
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

  build(): FarmView {
    const state = this.#options.feed.state();
    this.#book.prune(state);
    const jobs = this.#buildJobs();
    const nowMs = this.#clock.nowMs();
    const work = this.#workByNode(nowMs);
    const order = { ...state.gate, queues: queueViews(this.#options.queues ?? [], state) };
    return {
      coordinatorId: this.#options.coordinatorId,
      coordinatorName: this.#options.coordinatorName,
      productVersion,
      stats: farmStats(jobs, {
        traffic: this.#nodes.traffic(),
        storage: this.#storage,
        order,
        eta: this.#eta.record(),
        ...this.#lan,
        refusedMessages: { ...this.#refused },
        warnings: [...this.#warnings],
      }),
      presets: this.#presets,
      nodes: this.#nodes.views((nodeId) => work.get(nodeId), nowMs).map((node) => withQuarantine(node, state)),
      jobs,
    };
  }

  /** Counts outcomes before `prune` forgets who held the attempt. */
  #noteEvent(event: SchedulerEvent): void {
    const jobId = jobOfEvent(event);
    if (jobId !== undefined) this.#touched.add(jobId);
    switch (event.type) {
      case 'node-joined':
      case 'node-left':
      case 'node-standing':
      case 'node-paused':
      case 'node-resumed':
      case 'node-proved':
        // who waits for a node may have found one, or lost it
        for (const { jobs } of this.#options.feed.state().index.order.farm.lanes.values()) {
          for (const waiting of jobs) this.#touched.add(waiting);
        }
        break;
      case 'lease-granted':
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

  #buildJobs(): JobView[] {
    const state = this.#options.feed.state();
    const rebuild = new Set(this.#touched);
    this.#touched.clear();
    const context = this.#context();
    const records = [...state.jobs.values()].sort(compareJobs);
    for (const record of records) {
      const view = this.#views.get(record.jobId);
      if (view !== undefined && !rebuild.has(record.jobId) && !isMoving(view)) continue;
      this.#views.set(record.jobId, jobView(record, context));
    }
    for (const jobId of this.#views.keys()) {
      if (state.jobs.has(jobId)) continue;
      this.#views.delete(jobId);
      this.#workedSinceMs.delete(jobId);
      this.#eta.forget(jobId);
    }
    return records.map((record) => this.#views.get(record.jobId)).filter((view) => view !== undefined);
  }

  #context(): JobViewContext {
    const state = this.#options.feed.state();
    return {
      book: this.#book,
      eta: this.#eta,
      nowMs: this.#clock.nowMs(),
      wallMs: Date.parse(this.#clock.nowIso()),
      slots: [...state.nodes.values()].reduce((sum, { slots }) => sum + slots, 0),
      settled: (jobId, forecast) => this.#options.noteForecast?.(jobId, forecast),
      nodeName: (nodeId) => this.#nodes.name(nodeId),
      task: (taskId) => state.tasks.get(taskId),
      waiting: (jobId) => waitingFor(state, jobId),
      elapsedSeconds: (record, stage) => this.#elapsedSeconds(record, stage),
    };
  }

  /** Jobs that were begun before this process started count from their submission. */
  #elapsedSeconds(record: JobRecord, stage: JobStage): number | null {
    if (stage.state === 'queued') return null;
    const nowMs = this.#clock.nowMs();
    const finished = record.finishedAtIso;
    const wallMs = Date.parse(finished ?? this.#clock.nowIso()) - Date.parse(record.submittedAtIso);
    const known = this.#workedSinceMs.get(record.jobId);
    if (finished !== null) {
      const before = this.#views.get(record.jobId)?.elapsedSeconds;
      return known === undefined ? Math.max(0, Math.floor(wallMs / 1000)) : (before ?? 0);
    }
    const since = known ?? nowMs;
    if (known === undefined) this.#workedSinceMs.set(record.jobId, since);
    return Math.max(0, Math.floor((nowMs - since) / 1000));
  }

  #workByNode(nowMs: number): Map<NodeId, NodeWork> {
    const work = new Map<NodeId, NodeWork>();
    for (const running of this.#book.running()) {
      const task = this.#options.feed.state().tasks.get(running.taskId);
      const record = task && this.#options.feed.state().jobs.get(task.plan.jobId);
      if (task === undefined || record === undefined || waitsAtNode(task, running.attempt)) continue;
      const { kind, chunkIndex, jobId, rendition } = task.plan;
      const label = `${requestOf(record).name} ${chunkIndex === null ? kind : `#${chunkIndex}`}`;
      const item = {
        jobId,
        label,
        percent: this.#percentOf(jobId, { rendition, chunkIndex }),
        fps: this.#fps(running, nowMs),
      };
      const before = work.get(running.nodeId);
      work.set(running.nodeId, {
        items: [...(before?.items ?? []), item],
        busySlots: (before?.busySlots ?? 0) + (running.phase === 'upload' ? 0 : 1),
      });
    }
    return work;
  }

  #percentOf(jobId: JobId, task: Pick<TaskPlan, 'rendition' | 'chunkIndex'>): number {
    const chunks = this.#views.get(jobId)?.chunks ?? [];
    const first = chunks.findIndex(({ rendition }) => rendition === task.rendition);
    return task.chunkIndex === null || first < 0 ? 0 : (chunks[first + task.chunkIndex]?.percent ?? 0);
  }

  #fps(running: RunningTask, nowMs: number): number {
    return Math.round(10 * currentFps(running, nowMs)) / 10;
  }
}
