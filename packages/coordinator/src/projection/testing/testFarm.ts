import { createHash } from 'node:crypto';
import {
  type ErrorData,
  FarmError,
  JobId,
  type NodeDisk,
  NodeId,
  RenditionId,
  type Sha256,
  TaskId,
  type Telemetry,
} from '@reelmill/protocol';
import { type Command, decide, evolveAll, initialState, type SchedulerState, type TaskPlan } from '@reelmill/scheduler';
import type { CoreChange, CoreFeed } from '../../farmCorePort.ts';
import type { JobRequest, PlanSummary } from '../../jobRecords.ts';
import { createProjection, type Projection } from '../createProjection.ts';
import { reportOf } from './reportOf.ts';

type Bare<T> = T extends unknown ? Omit<T, 'at' | 'iso'> : never;

export const rendition = RenditionId.parse('h264-720p');
const toolchainClass = 'abc-x64';
const framesPerChunk = 48;
const failure: ErrorData = new FarmError('ENCODE_FAILED').toData();
const startMs = Date.parse('2026-01-01T00:00:00Z');

export const jobIdOf = (index: number): JobId => {
  const digits = index.toString().padStart(10, '0');
  return JobId.parse(`J-${[...digits].map((digit) => 'abcdefghij'[Number(digit)]).join('')}`);
};
export const nodeIdOf = (index: number): NodeId => NodeId.parse(`node-${index}`);
export const taskIdOf = (jobId: JobId, rest: string): TaskId => TaskId.parse(`${jobId}/${rest}`);
export const encodeIdOf = (jobId: JobId, chunk: number): TaskId =>
  taskIdOf(jobId, `${rendition}/encode-${chunk.toString().padStart(4, '0')}`);

const requestOf = (jobId: JobId): JobRequest => ({
  input: `/films/${jobId}.mov`,
  name: `${jobId}.mov`,
  sourcePath: `/films/${jobId}.mov`,
  uploadId: null,
  sequence: null,
  package: null,
  renditions: [{ preset: rendition, plannedOutput: `/out/${jobId}.mp4` }],
  settings: {},
  outputFolder: '/out',
  chunkSeconds: null,
  threads: null,
  verify: 'seams',
  identity: { path: `/films/${jobId}.mov`, sizeBytes: 1_000_000, mtimeNs: '1', inode: '1' },
  refusal: null,
});

const summaryOf = (chunkCount: number): PlanSummary => ({
  manifestKey: 'manifest',
  sourceFrames: chunkCount * framesPerChunk,
  durationSeconds: chunkCount * 2,
  renditions: [
    {
      rendition,
      kind: 'film',
      plan: 'chunked',
      wholeReason: null,
      report: reportOf(rendition, chunkCount),
      warnings: [],
      threads: 1,
      chunkSeconds: 2,
      toolchainClass,
      hasAudio: false,
      encodedWith: [],
      chunkEnds: Array.from({ length: chunkCount }, (_, index) => (index + 1) * framesPerChunk),
    },
  ],
});

/** Parameter lists of these records depend on the package they come from; tests name only what matters here. */
function house(jobId: JobId, kind: 'probe' | 'hash' | 'assemble' | 'publish', dependsOn: TaskId[] = []): TaskPlan {
  const inRendition = kind === 'assemble' || kind === 'publish';
  const taskId = taskIdOf(jobId, inRendition ? `${rendition}/${kind}` : kind);
  const shared = { toolchainClass: null, chunkIndex: null, costSeconds: 1 };
  return { taskId, jobId, kind, place: 'house', dependsOn, rendition: inRendition ? rendition : null, ...shared };
}

type Needs = Pick<TaskPlan, 'memoryBytes' | 'diskBytes' | 'pin'>;

function planTasks(jobId: JobId, chunkCount: number, needs: Needs = {}): TaskPlan[] {
  const encodes = Array.from({ length: chunkCount }, (_, chunkIndex): TaskPlan => {
    const where = { jobId, place: 'farm' as const, toolchainClass, rendition };
    return {
      taskId: encodeIdOf(jobId, chunkIndex),
      kind: 'encode',
      dependsOn: [],
      costSeconds: 2,
      chunkIndex,
      ...where,
      ...needs,
    };
  });
  const hash = house(jobId, 'hash');
  const assemble = house(jobId, 'assemble', [...encodes.map((task) => task.taskId), hash.taskId]);
  return [...encodes, hash, assemble, house(jobId, 'publish', [assemble.taskId])];
}

const nodeNeeds = { memoryBytes: 8e9, taskMemoryBytes: 8e9, tags: [], kinds: null };

const names = { coordinatorId: 'c-test', coordinatorName: 'studio' };

/** The real scheduler and projection on a hand-moved clock, without any process around them. */
export class TestFarm {
  state: SchedulerState = initialState;
  nowMs = 1_000;
  readonly projection: Projection;
  readonly #feed: CoreFeed;
  readonly #listeners = new Set<(change: CoreChange) => void>();
  #timer: { run: () => void; dueMs: number } | null = null;

  constructor() {
    const feed: CoreFeed = {
      state: () => this.state,
      subscribe: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
    this.#feed = feed;
    this.projection = createProjection(
      { feed, ...names, presets: [], storageKind: 'embedded' },
      {
        clock: { nowMs: () => this.nowMs, nowIso: () => this.iso },
        schedule: (run, delayMs) => {
          const timer = { run, dueMs: this.nowMs + delayMs };
          this.#timer = timer;
          return () => {
            if (this.#timer === timer) this.#timer = null;
          };
        },
      },
    );
  }

  get isTimerSet(): boolean {
    return this.#timer !== null;
  }

  get iso(): string {
    return new Date(startMs + this.nowMs).toISOString();
  }

  emit(change: CoreChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** False when the scheduler rejected the command. */
  command(bare: Bare<Command>): boolean {
    const command = { ...bare, at: this.nowMs, iso: this.iso } as Command;
    const decision = decide(this.state, command, { houseSlots: 2 });
    if (decision.kind === 'rejected') return false;
    this.state = evolveAll(this.state, decision.events);
    this.emit({ kind: 'events', events: decision.events, iso: this.iso });
    return true;
  }

  /** Moves the clock and runs what falls due on the way. */
  advance(milliseconds: number): void {
    const endMs = this.nowMs + milliseconds;
    while (this.#timer !== null && this.#timer.dueMs <= endMs) {
      const { run, dueMs } = this.#timer;
      this.#timer = null;
      this.nowMs = Math.max(this.nowMs, dueMs);
      run();
    }
    this.nowMs = endMs;
  }

  submit(jobId: JobId): boolean {
    return this.command({ type: 'submit-job', jobId, request: requestOf(jobId), tasks: [house(jobId, 'probe')] });
  }

  plan(jobId: JobId, chunkCount: number, needs?: Needs): boolean {
    this.finish(taskIdOf(jobId, 'probe'));
    const tasks = planTasks(jobId, chunkCount, needs);
    return this.command({ type: 'plan-job', jobId, plan: summaryOf(chunkCount), tasks });
  }

  join(nodeId: NodeId, slots = 2, traits: { tags?: string[]; disk?: NodeDisk } = {}): void {
    const facts = { nodeId, name: `studio ${nodeId}`, address: '10.0.0.2', local: false, slots };
    this.emit({ kind: 'node-connected', facts: { ...facts, ...nodeNeeds, ffmpegVersion: '5.1.9' } });
    const { name, local } = facts;
    const node = { nodeId, name, slots, toolchainClass, local, memoryBytes: nodeNeeds.memoryBytes, ...traits };
    this.command({ type: 'join-node', node, held: [] });
  }

  leave(nodeId: NodeId): void {
    this.emit({ kind: 'node-disconnected', nodeId, reason: 'disconnected' });
    this.command({ type: 'leave-node', nodeId, reason: 'disconnected' });
  }

  telemetry(nodeId: NodeId, changes: Partial<Telemetry> = {}): void {
    const numbers = { cpuPercent: 50, memoryUsedBytes: 1, freeDiskBytes: 1, temperatureCelsius: null };
    const telemetry = { ...numbers, bytesDownloaded: 0, bytesUploaded: 0, ...changes };
    this.emit({ kind: 'node-telemetry', nodeId, telemetry, epochMs: Date.parse(this.iso) });
  }

  progress(taskId: TaskId, facts: { framesDone: number; fps?: number; phase?: 'fetch' | 'encode' | 'upload' }): void {
    const lease = this.lease(taskId);
    if (lease === undefined || lease.nodeId === 'house') return;
    const progress = { taskId, attempt: lease.attempt, phase: 'encode' as const, fps: 24, bytesDone: 0, ...facts };
    this.emit({ kind: 'task-progress', nodeId: lease.nodeId, progress });
  }

  lease(taskId: TaskId) {
    const phase = this.state.tasks.get(taskId)?.phase;
    return phase?.kind === 'leased' ? phase.lease : undefined;
  }

  finish(taskId: TaskId): boolean {
    const lease = this.lease(taskId);
    if (lease === undefined) return false;
    const { nodeId, attempt } = lease;
    const nodeName = nodeId === 'house' ? 'house' : `studio ${nodeId}`;
    const result = { artifacts: [], report: null, sourceSha256: null, wallSeconds: 2, nodeId, nodeName };
    return this.command({ type: 'finish-task', nodeId, taskId, attempt, outcome: { kind: 'completed', result } });
  }

  fail(taskId: TaskId): boolean {
    const lease = this.lease(taskId);
    if (lease === undefined) return false;
    const { nodeId, attempt } = lease;
    return this.command({ type: 'finish-task', nodeId, taskId, attempt, outcome: { kind: 'failed', error: failure } });
  }

  publish(jobId: JobId): void {
    const sha256 = createHash('sha256').update(jobId).digest('hex') as Sha256;
    const facts = { rendition, path: `/out/${jobId}.mp4`, sha256, sizeBytes: 5, frames: 48 };
    this.command({ type: 'note-output', jobId, output: { ...facts, state: 'published' } });
    this.finish(taskIdOf(jobId, `${rendition}/publish`));
  }

  /** What a projection that begins now shows: it knows nothing of what was shown before. */
  freshJobs() {
    const fresh = createProjection({ feed: this.#feed, ...names, presets: [], storageKind: 'embedded' });
    const { jobs } = fresh.snapshot().farm;
    fresh.close();
    return jobs;
  }

  /** A projection that begins now, by the same clock; `turn` runs what it planned next. */
  begin(): { projection: Projection; turn(): void } {
    let next = (): void => {};
    const projection = createProjection(
      { feed: this.#feed, ...names, presets: [], storageKind: 'embedded' },
      {
        clock: { nowMs: () => this.nowMs, nowIso: () => this.iso },
        schedule: (run) => {
          next = run;
          return () => {
            next = () => {};
          };
        },
      },
    );
    return { projection, turn: () => next() };
  }

  job(jobId: JobId) {
    return this.projection.snapshot().farm.jobs.find((job) => job.jobId === jobId);
  }
}
