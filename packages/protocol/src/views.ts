import { z } from 'zod';
import { ErrorData } from './farmError.ts';
import { HardwareProofs } from './hardware.ts';
import { JobId, NodeId, RenditionId, Sha256 } from './ids.ts';
import { DeadlineRisk, JobPriority, QueueName, QueueView } from './jobOrder.ts';
import { CpuBack, LendingTerms, NodeClosure, NodeHours, NodePause } from './lending.ts';
import { PackageView } from './package.ts';
import { Placement, SourceReport } from './sourceReport.ts';
import { FarmTaskKind, KindCaps } from './task.ts';
import { WatchFolderView } from './watchFolders.ts';
import { Tag, Waiting } from './why.ts';

/** What interfaces show. Volatile numbers included; never journaled. */

export const JobState = z.enum(['queued', 'preparing', 'encoding', 'finishing', 'done', 'failed', 'canceled']);
export type JobState = z.infer<typeof JobState>;
/** What a job is doing now, in the order of the way of a file. */
export const JobPhase = z.enum(['fetch', 'probe', 'index', 'encode', 'join', 'verify', 'publish', 'package', 'none']);
export type JobPhase = z.infer<typeof JobPhase>;

/** waiting ○ · encoding ▸ · uploading ↑ · verified ✓ · retry (waiting again, attempt > 1) · failed × */
export const ChunkState = z.enum(['waiting', 'encoding', 'uploading', 'verified', 'retry', 'failed']);
export type ChunkState = z.infer<typeof ChunkState>;
export const ChunkView = z.object({
  /** Place among all chunks of the job: rendition after rendition. */
  index: z.number().int().nonnegative(),
  rendition: RenditionId,
  /** Place within its rendition. */
  chunkIndex: z.number().int().nonnegative(),
  firstFrame: z.number().int().nonnegative(),
  endFrame: z.number().int().positive(),
  state: ChunkState,
  attempt: z.number().int().nonnegative(),
  node: z.string().nullable(),
  percent: z.number().min(0).max(100),
  /** Mean frames per second of the accepted attempt, or of the running one. */
  fps: z.number().nonnegative(),
});
export type ChunkView = z.infer<typeof ChunkView>;

export const OutputView = z.object({
  rendition: RenditionId,
  path: z.string(),
  frames: z.number().int().nonnegative(),
  sizeBytes: z.number().int().nonnegative(),
  sha256: Sha256,
});
export type OutputView = z.infer<typeof OutputView>;

export const JobView = z.object({
  jobId: JobId,
  /** Shown name: base name of the source. */
  name: z.string(),
  /** Absolute path, or upload name, as submitted. */
  input: z.string(),
  /** One per rendition, in the order asked for. */
  presets: z.array(RenditionId).min(1),
  outputFolder: z.string(),
  /** Of an image sequence: how many frames there are, and the numbers between them that are missing (`1047, 1050-1052`). */
  sequence: z.object({ frames: z.number().int(), missing: z.string().nullable() }).nullable().optional(),
  /** Of the first rendition. */
  plannedOutput: z.string().nullable(),
  state: JobState,
  phase: JobPhase,
  percent: z.number().min(0).max(100),
  /** Some of its tasks wait for a node that is not there; null: none do. */
  waiting: Waiting.nullable(),
  /** Frames per second over all nodes now. */
  fps: z.number().nonnegative(),
  /** Multiples of real time now. */
  speed: z.number().nonnegative(),
  /** Seconds left, earliest and latest; null while measuring. */
  eta: z.object({ fromSeconds: z.number(), toSeconds: z.number() }).nullable(),
  /** `whole` where any rendition is; null before the plan exists. */
  plan: z.enum(['chunked', 'whole']).nullable(),
  wholeReason: z.string().nullable(),
  warnings: z.array(z.string()),
  /** What the plan found and decided, with what is kept, converted and dropped: one per rendition that is made. */
  reports: z.array(SourceReport),
  sourceFrames: z.number().int().nullable(),
  /** Encoder threads of the plan; null before it exists. */
  threads: z.number().int().nullable(),
  durationSeconds: z.number().nullable(),
  /** Bytes done and total of the running fetch, index or join phase. */
  phaseBytes: z.object({ done: z.number(), total: z.number() }).nullable(),
  chunks: z.array(ChunkView),
  chunksDone: z.number().int(),
  chunksTotal: z.number().int(),
  /** Grants so far, over all tasks on agents. */
  attempts: z.number().int(),
  nodes: z.array(z.string()),
  verify: z.enum(['seams', 'full']),
  priority: JobPriority,
  submitter: z.string(),
  queue: QueueName.nullable(),
  /** Gets nothing new until it is resumed. */
  held: z.boolean(),
  deadline: z.string().nullable(),
  deadlineRisk: DeadlineRisk,
  error: ErrorData.nullable(),
  /** Names of the nodes that tried what the job failed by; empty: it failed before, or on the coordinator. */
  failedOn: z.array(z.string()),
  /** A failure nobody will mend: it is off the list of failures, and its unfinished work is gone. */
  givenUp: z.boolean(),
  outputs: z.array(OutputView),
  /** The folder of its package, once it is published. */
  package: PackageView.nullable(),
  submittedAt: z.string(),
  finishedAt: z.string().nullable(),
  /** Until when its finished chunks stay in the store; null: they are needed still, or gone. */
  chunksKeptUntil: z.string().nullable().optional(),
  /** Whole seconds since work on it began, until its end; null while it waits. Never stands still while it works. */
  elapsedSeconds: z.number().int().nonnegative().nullable(),
});
export type JobView = z.infer<typeof JobView>;

/** Answer of `GET /api/v1/jobs/:id`: the job, and which of the nodes connected now can run its plan. */
export const JobDetail = JobView.extend({ placement: Placement.nullable() });
export type JobDetail = z.infer<typeof JobDetail>;

export const NodeState = z.enum(['found', 'ready', 'rendering', 'offline', 'refused']);
export type NodeState = z.infer<typeof NodeState>;
export const NodeView = z.object({
  nodeId: NodeId,
  name: z.string(),
  state: NodeState,
  /** Runs on the coordinator's machine. */
  local: z.boolean(),
  address: z.string().nullable(),
  slots: z.number().int().nonnegative(),
  busySlots: z.number().int().nonnegative(),
  cpuPercent: z.number().nullable(),
  memoryUsedBytes: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  /** What its tasks may hold together; null: not known. */
  taskMemoryBytes: z.number().nullable(),
  tags: z.array(Tag),
  /** The only kinds of tasks it takes; null: all. */
  kinds: z.array(FarmTaskKind).nullable(),
  /** How many of a kind it takes at once, where that is fewer than its slots. */
  kindCaps: KindCaps.optional(),
  freeDiskBytes: z.number().nullable(),
  /** Its disk is almost full: it takes nothing new until there is more room. */
  diskLow: z.boolean().optional(),
  temperatureCelsius: z.number().nullable(),
  fps: z.number().nonnegative(),
  /** What it is working on: `name #chunk`. */
  work: z.array(z.object({ jobId: JobId, label: z.string(), percent: z.number(), fps: z.number() })),
  completed: z.number().int(),
  failed: z.number().int(),
  lost: z.number().int(),
  ffmpegVersion: z.string().nullable(),
  /** Hardware encoders with what was found out about each; null: not tried yet. */
  hardware: HardwareProofs.nullable(),
  lastSeenAt: z.string().nullable(),
  error: ErrorData.nullable(),
  /** It gets no work until it is released, and why; null: it is trusted. */
  quarantine: z.object({ since: z.string(), error: ErrorData }).nullable(),
  /** The farm's pause of it; it lasts until it is resumed, whatever restarts. */
  pause: NodePause.nullable(),
  /** Why its own machine takes nothing new now; null: it does. */
  closure: NodeClosure.nullable(),
  /** The hours that the farm set for it, and whether its agent said that it follows them; null: none. */
  hours: NodeHours.extend({ followed: z.boolean() }).nullable(),
  /** Of the last time it was stopped at once. */
  cpuBack: CpuBack.nullable(),
  /** How it is lent; null: not told. */
  lending: LendingTerms.nullable(),
});
export type NodeView = z.infer<typeof NodeView>;

/** Why a message of an agent was not taken, each counted since the coordinator started. */
export const RefusedMessage = z.enum([
  /** Said again: answered as the first time. */
  'duplicate',
  /** Of an attempt that does not count any more. */
  'fenced',
  /** Names another hash or size than what the store holds. */
  'false-hash',
  /** Wrong frames, or a report that does not fit the plan. */
  'bad-result',
  /** Does not fit its schema, or came before the hello. */
  'malformed',
  'oversized',
  /** Speaks a protocol version that this coordinator does not. */
  'unknown-version',
]);
export type RefusedMessage = z.infer<typeof RefusedMessage>;

/** The disk of the coordinator's data folder. */
export const DiskView = z.object({
  freeBytes: z.number(),
  /** Below it nothing new is taken or given out; it goes on by itself above `highBytes`. */
  lowBytes: z.number(),
  highBytes: z.number(),
  low: z.boolean(),
  /** Jobs that wait for room on a disk of the coordinator. */
  waitingJobs: z.number().int(),
});
export type DiskView = z.infer<typeof DiskView>;

export const FarmStats = z.object({
  jobsActive: z.number().int(),
  jobsWaiting: z.number().int(),
  jobsFailed: z.number().int(),
  jobsDone: z.number().int(),
  chunksWaiting: z.number().int(),
  chunksEncoding: z.number().int(),
  chunksVerified: z.number().int(),
  chunksTotal: z.number().int(),
  fps: z.number(),
  speed: z.number(),
  bytesUpPerSecond: z.number(),
  bytesDownPerSecond: z.number(),
  cpuPercent: z.number().nullable(),
  /** Nothing new is started; what runs goes on to its end. */
  paused: z.boolean(),
  /** The farm pauses when this job ends; until then jobs behind it get nothing new. */
  stopAfter: JobId.nullable(),
  queues: z.array(QueueView),
  storage: z.object({ kind: z.enum(['embedded', 's3']), ok: z.boolean(), freeBytes: z.number().nullable() }),
  /** Null before it was measured. */
  disk: DiskView.nullable().optional(),
  /** Of the last jobs (50 at most) whose time left was told: how many ended inside the range. */
  eta: z.object({ right: z.number().int(), total: z.number().int() }),
  lan: z.boolean(),
  /** The exact line to paste on another machine, or null while LAN is off. */
  joinCommand: z.string().nullable(),
  /** Messages of agents that were not taken, by reason; reasons that never occurred are absent. */
  refusedMessages: z.partialRecord(RefusedMessage, z.number().int()),
  /** What the owner should know of the farm itself, with what to do about it. */
  warnings: z.array(ErrorData),
});
export type FarmStats = z.infer<typeof FarmStats>;

export const PresetView = z.object({
  id: RenditionId,
  name: z.string(),
  description: z.string(),
  container: z.string(),
});
export type PresetView = z.infer<typeof PresetView>;

export const FarmView = z.object({
  coordinatorId: z.string(),
  coordinatorName: z.string(),
  productVersion: z.string(),
  stats: FarmStats,
  presets: z.array(PresetView),
  nodes: z.array(NodeView),
  /** In the order in which they were added. */
  watchFolders: z.array(WatchFolderView),
  /** In queue order. */
  jobs: z.array(JobView),
});
export type FarmView = z.infer<typeof FarmView>;
