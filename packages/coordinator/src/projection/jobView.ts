import {
  type ChunkView,
  type JobId,
  type JobView,
  type NodeId,
  type OutputView,
  packageOutputId,
  type TaskId,
} from '@reelmill/protocol';
import { type JobRecord, leasesOfTask, type PublishedOutput, type TaskState } from '@reelmill/scheduler';
import { scratchKeptUntil } from '../house/scratchRetention.ts';
import { JobRequest, PlanSummary } from '../jobRecords.ts';
import { ChunkMap } from './chunkMap.ts';
import { deadlineRisk } from './deadlineRisk.ts';
import type { EtaBook } from './etaBook.ts';
import { jobFailure } from './jobFailure.ts';
import { jobPercent, type SoundProgress } from './jobPercent.ts';
import { type JobStage, jobStage } from './jobStage.ts';
import { jobWarnings } from './jobWarnings.ts';
import { currentFps, type RunningBook, type RunningTask } from './runningBook.ts';

export interface JobViewContext {
  readonly book: RunningBook;
  readonly eta: EtaBook;
  readonly nowMs: number;
  /** Wall time, epoch milliseconds. */
  readonly wallMs: number;
  /** Slots of the farm now. */
  readonly slots: number;
  nodeName(nodeId: NodeId): string;
  task(taskId: TaskId): TaskState | undefined;
  /** What it waits for that is not there. */
  waiting(jobId: JobId): JobView['waiting'];
  /** How long finished chunks stay where a job says nothing of it. */
  readonly scratchRetentionMs: number;
  /** Whole seconds the job has been worked on. */
  elapsedSeconds(record: JobRecord, stage: JobStage): number | null;
}

const parsed = new WeakMap<object, { request: JobRequest } | { plan: PlanSummary }>();

/** Journaled records never change: each is parsed once. */
export function requestOf(record: JobRecord): JobRequest {
  const key = record.request as object;
  const known = parsed.get(key);
  if (known !== undefined && 'request' in known) return known.request;
  const request = JobRequest.parse(record.request);
  parsed.set(key, { request });
  return request;
}

export function planOf(record: JobRecord): PlanSummary | null {
  if (record.plan === null) return null;
  const key = record.plan as object;
  const known = parsed.get(key);
  if (known !== undefined && 'plan' in known) return known.plan;
  const plan = PlanSummary.parse(record.plan);
  parsed.set(key, { plan });
  return plan;
}

/** Of a task with a backup copy the one that is further. */
function runningOf(task: TaskState | undefined, book: RunningBook): RunningTask | undefined {
  const running = leasesOfTask(task).map(({ attempt }) => task && book.task(task.plan.taskId, attempt));
  return running.reduce((best, one) => ((one?.framesDone ?? -1) > (best?.framesDone ?? -1) ? one : best), undefined);
}

function nodeOf(task: TaskState | undefined, context: JobViewContext): string | null {
  if (task?.phase.kind === 'completed') return task.phase.result.nodeName;
  if (task?.phase.kind !== 'leased') return null;
  const { nodeId } = task.phase.lease;
  return nodeId === 'house' ? null : context.nodeName(nodeId);
}

const chunkMaps = new WeakMap<PlanSummary, ChunkMap>();

/** The chunk map of a planned job; a new plan has a new one. */
export function chunkMapOf(record: JobRecord): ChunkMap | null {
  const plan = planOf(record);
  if (plan === null) return null;
  const known = chunkMaps.get(plan) ?? new ChunkMap(record.jobId, plan);
  chunkMaps.set(plan, known);
  return known;
}

const chunksOf = (record: JobRecord, context: JobViewContext): ChunkView[] =>
  chunkMapOf(record)?.views({
    nowMs: context.nowMs,
    task: context.task,
    running: (task) => runningOf(task, context.book),
    nodeName: (task) => nodeOf(task, context),
  }) ?? [];

const reports = new WeakMap<PlanSummary, JobView['reports']>();

function reportsOf(plan: PlanSummary | null): JobView['reports'] {
  if (plan === null) return [];
  const known = reports.get(plan) ?? plan.renditions.map(({ report }) => report);
  reports.set(plan, known);
  return known;
}

const outputView = ({ rendition, path, frames, sizeBytes, sha256 }: PublishedOutput): OutputView => ({
  rendition,
  path,
  frames,
  sizeBytes,
  sha256,
});

/** In the order asked for: renditions end in any. */
function outputsOf({ outputs }: JobRecord, { renditions }: JobRequest): OutputView[] {
  const published = outputs.filter(({ state }) => state === 'published');
  return renditions.flatMap(({ preset }) => published.filter(({ rendition }) => rendition === preset)).map(outputView);
}

function packageOf({ outputs }: JobRecord, request: JobRequest): JobView['package'] {
  const output = outputs.find(({ rendition, state }) => rendition === packageOutputId && state === 'published');
  if (request.package === null || output === undefined) return null;
  const { path, sizeBytes, sha256 } = output;
  return { kind: request.package.kind, path, sizeBytes, sha256 };
}

function phaseBytes(stage: JobStage, request: JobRequest, running: readonly RunningTask[]): JobView['phaseBytes'] {
  if (stage.house !== undefined) return stage.house.bytes;
  if (stage.phase !== 'fetch') return null;
  const done = Math.max(0, ...running.map((task) => task.bytesDone));
  return { done, total: Math.max(done, request.identity?.sizeBytes ?? 0) };
}

/** Sound alone and pictures are not cut as films are: they speak for a job only where nothing else does. */
function films(plan: PlanSummary | null): PlanSummary['renditions'] {
  const withPicture = plan?.renditions.filter(({ kind, chunkEnds }) => kind === 'film' && chunkEnds.length > 0) ?? [];
  return withPicture.length > 0 ? withPicture : (plan?.renditions ?? []);
}

/** Of the whole job: every task of it reads the whole film. */
function speedOf(fps: number, plan: PlanSummary | null): number {
  if (plan === null || plan.durationSeconds <= 0 || plan.sourceFrames === 0) return 0;
  const readings = new Set(films(plan).map(({ rendition, encodedWith }) => encodedWith[0] ?? rendition)).size;
  return Math.round((100 * fps * plan.durationSeconds) / (plan.sourceFrames * readings)) / 100;
}

/** `sound`: hundredths of a second to encode and encoded, where the output is sound alone. */
function etaOf(
  record: JobRecord,
  { stage, chunks, sound }: { stage: JobStage; chunks: readonly ChunkView[]; sound: SoundProgress },
  context: JobViewContext,
) {
  const { eta, nowMs } = context;
  if (stage.state !== 'encoding') return null;
  let framesTotal = sound.total;
  let framesDone = sound.done;
  for (const chunk of chunks) {
    framesTotal += chunk.endFrame - chunk.firstFrame;
    framesDone += ((chunk.endFrame - chunk.firstFrame) * chunk.percent) / 100;
  }
  const chunksDone = chunks.filter((chunk) => chunk.state === 'verified').length;
  const framesLeft = framesTotal - framesDone;
  return eta.range(record.jobId, { framesTotal, framesLeft, chunksDone, chunksTotal: chunks.length, nowMs });
}

/** Of the one audio task where the output is sound alone, in hundredths of a second, as it counts; else none. */
function soundProgress(plan: PlanSummary | null, tasks: readonly TaskState[], { book }: JobViewContext): SoundProgress {
  if (plan === null || plan.sourceFrames > 0) return { total: 0, done: 0 };
  const total = Math.round(100 * plan.durationSeconds);
  const task = tasks.find((one) => one.plan.kind === 'audio');
  if (task?.phase.kind === 'completed') return { total, done: total };
  return { total, done: Math.min(total, runningOf(task, book)?.framesDone ?? 0) };
}

function workersOf(tasks: readonly TaskState[], context: JobViewContext): string[] {
  const names = tasks.filter((task) => task.plan.place === 'farm').map((task) => nodeOf(task, context));
  return [...new Set(names.filter((name) => name !== null))].sort();
}

/** The job's place among the others, and whether it makes its deadline. */
function orderOf(
  record: JobRecord,
  { eta, plan, stage }: { eta: JobView['eta']; plan: PlanSummary | null; stage: JobStage },
  { wallMs, slots }: JobViewContext,
) {
  const { order, finishedAtIso } = record;
  const costs = plan?.renditions.map(({ report }) => report.output?.predictedCpuSeconds ?? 0) ?? null;
  const predictedCpuSeconds = costs && stage.state === 'queued' ? costs.reduce((sum, cost) => sum + cost, 0) : null;
  const facts = { finishedAtIso, hasEnded: record.phase.kind !== 'active', eta, predictedCpuSeconds, slots };
  return {
    priority: order.priority,
    submitter: order.submitter,
    queue: order.queue,
    held: order.held,
    deadline: order.deadlineIso,
    deadlineRisk: deadlineRisk({ ...facts, deadlineIso: order.deadlineIso, nowMs: wallMs }),
  };
}

/** Jobs journaled by an older version did not count. */
function sequenceOf({ sequence }: JobRequest): JobView['sequence'] {
  return sequence?.frames === undefined ? null : { frames: sequence.frames, missing: sequence.missing ?? null };
}

/** Everything an interface shows of one job. */
export function jobView(record: JobRecord, context: JobViewContext): JobView {
  const request = requestOf(record);
  const plan = planOf(record);
  const tasks = record.taskIds.map(context.task).filter((task) => task !== undefined);
  const stage = jobStage(record, tasks, context.book);
  const chunks = chunksOf(record, context);
  const renditions = plan?.renditions ?? [];
  const sound = soundProgress(plan, tasks, context);
  const running = tasks.map((task) => runningOf(task, context.book)).filter((task) => task !== undefined);
  const eta = etaOf(record, { stage, chunks, sound }, context);
  const fps = Math.round(10 * running.reduce((sum, task) => sum + currentFps(task, context.nowMs), 0)) / 10;
  return {
    jobId: record.jobId,
    name: request.name,
    input: request.input,
    presets: request.renditions.map(({ preset }) => preset),
    outputFolder: request.outputFolder,
    sequence: sequenceOf(request),
    plannedOutput: request.renditions[0]?.plannedOutput ?? null,
    state: stage.state,
    phase: stage.phase,
    percent: jobPercent(stage, chunks, sound),
    waiting: record.phase.kind === 'active' ? context.waiting(record.jobId) : null,
    fps,
    speed: speedOf(fps, plan),
    eta,
    plan: plan && (films(plan).some((one) => one.plan === 'whole') ? 'whole' : 'chunked'),
    wholeReason: films(plan).find((one) => one.wholeReason !== null)?.wholeReason ?? null,
    warnings: jobWarnings(plan, tasks),
    reports: reportsOf(plan),
    // sound alone has none
    sourceFrames: plan?.sourceFrames || null,
    threads: renditions[0]?.threads ?? null,
    durationSeconds: plan?.durationSeconds ?? null,
    phaseBytes: phaseBytes(stage, request, running),
    chunks,
    chunksDone: chunks.filter((chunk) => chunk.state === 'verified').length,
    chunksTotal: chunks.length,
    attempts: tasks.reduce((sum, task) => sum + (task.plan.place === 'farm' ? task.attempts : 0), 0),
    nodes: workersOf(tasks, context),
    verify: request.verify,
    ...orderOf(record, { eta, plan, stage }, context),
    ...jobFailure(record, context),
    outputs: outputsOf(record, request),
    package: packageOf(record, request),
    submittedAt: record.submittedAtIso,
    finishedAt: record.finishedAtIso,
    chunksKeptUntil: scratchKeptUntil(record, request, context.scratchRetentionMs),
    elapsedSeconds: context.elapsedSeconds(record, stage),
  };
}
