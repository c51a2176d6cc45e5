import { z } from 'zod';
import type { AttemptLog, JobQuality, LogRequest } from './attemptLogs.ts';
import type { JobHistory, JobHistoryPatch } from './attempts.ts';
import { DoctorReport } from './doctor.ts';
import type { Envelope } from './envelope.ts';
import { FailuresChanged, GiveUpFailures, RetryFailures } from './failures.ts';
import { JobId, NodeId } from './ids.ts';
import { Deadline, JobOrderChange, JobPriority, JobRequestChange, QueueName, Submitter } from './jobOrder.ts';
import { KeepScratch } from './keepScratch.ts';
import { ScheduleText } from './lending.ts';
import { longestNameTemplate } from './naming.ts';
import { PackageKind, SegmentSeconds } from './package.ts';
import { SequenceSettings } from './sequence.ts';
import { ChunkView, FarmStats, FarmView, JobView, NodeView } from './views.ts';
import { WatchFolderChange, WatchFolderId, WatchFolderRequest, WatchFolderView } from './watchFolders.ts';
import { Spill, Tag } from './why.ts';

/**
 * Socket.IO namespace of windows, browsers and the CLI. Auth: owner token as `auth.token`, or the session cookie. With
 * `auth.pages` true the snapshot holds the first rows of a long queue, and patches bring the others; else it names all jobs.
 */
export const interfaceNamespace = '/interface';

/** One change of the replica. Keys absent from a partial are unchanged. */
export const FarmChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('job-added'), job: JobView, /** Position in queue order. */ at: z.number().int() }),
  z.object({
    kind: z.literal('job-changed'),
    jobId: JobId,
    fields: JobView.partial().omit({ jobId: true, chunks: true }),
    /** Only the chunks that changed; replace by index. */
    chunks: z.array(ChunkView),
  }),
  z.object({ kind: z.literal('job-removed'), jobId: JobId }),
  z.object({ kind: z.literal('node-changed'), node: NodeView }),
  z.object({ kind: z.literal('node-removed'), nodeId: NodeId }),
  z.object({ kind: z.literal('stats-changed'), stats: FarmStats }),
  z.object({ kind: z.literal('watch-folders-changed'), watchFolders: z.array(WatchFolderView) }),
]);
export type FarmChange = z.infer<typeof FarmChange>;

/** `epoch` is one coordinator process; `sequence` counts patches from the snapshot's. A gap → ask for a snapshot. */
export const FarmSnapshot = z.object({ epoch: z.string(), sequence: z.number().int(), farm: FarmView });
export type FarmSnapshot = z.infer<typeof FarmSnapshot>;
export const FarmPatch = z.object({ epoch: z.string(), sequence: z.number().int(), changes: z.array(FarmChange) });
export type FarmPatch = z.infer<typeof FarmPatch>;

/** Renditions of one job: its plan travels in one message to windows and agents. */
const mostRenditions = 8;

export const SubmitRequest = z.object({
  /** Absolute paths on the coordinator's machine (files or folders), or names of finished uploads. */
  inputs: z
    .array(
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('path'), path: z.string().min(1).max(4096) }),
        z.object({
          kind: z.literal('upload'),
          uploadId: z.string().regex(/^U-[a-z2-7]{10}$/),
          /** Folders it lay in, with `/` between, below which it was dropped: mirrored; what is no media there is skipped. */
          subfolder: z.string().max(1024).optional(),
        }),
      ]),
    )
    .min(1)
    .max(10_000),
  /** One preset, or several: all renditions of a source are one job. */
  preset: z.union([z.string(), z.array(z.string()).min(1).max(mostRenditions)]),
  /** `--set` overrides, e.g. `{ speed: 'veryfast' }`. */
  settings: z.record(z.string(), z.string()).default({}),
  /** Absolute folder; null: beside each source (uploads: the coordinator's outputs folder). */
  outputFolder: z.string().nullable().default(null),
  chunkSeconds: z.number().positive().max(3600).nullable().default(null),
  threads: z.number().int().min(1).max(64).nullable().default(null),
  verify: z.enum(['seams', 'full']).default('seams'),
  /** What outputs are called, with tokens as `{source}_{preset}`, without extension; default: that one. */
  name: z.string().max(longestNameTemplate).nullish(),
  /** How numbered images become a film; default: 24 frames a second, gaps refused. */
  sequence: SequenceSettings.optional(),
  /** Besides the renditions, one folder of them for players that stream: HLS, DASH or both. */
  package: PackageKind.nullish(),
  /** Length of its segments; default 4. */
  segmentSeconds: SegmentSeconds.nullish(),
  /** Default: that of the queue, else normal. */
  priority: JobPriority.optional(),
  /** Default: owner. */
  submitter: Submitter.optional(),
  queue: QueueName.nullish(),
  deadline: Deadline.nullish(),
  /** Nothing of it starts before it is resumed. */
  hold: z.boolean().optional(),
  /** Only nodes with this tag encode it; or a tag for some of the presets, by their id. */
  on: z.union([Tag, z.record(z.string(), Tag)]).nullish(),
  /** How long its finished chunks stay after it is done: `verify`, or hours as `24h`; default: as the coordinator is set. */
  keepScratch: KeepScratch.optional(),
  /** Whether others may help when those are busy; default `never`. */
  spill: Spill.nullish(),
});
export type SubmitRequest = z.infer<typeof SubmitRequest>;

/** The presets asked for, each once, in order. */
export const presetsOf = ({ preset }: Pick<SubmitRequest, 'preset'>): string[] => [...new Set([preset].flat())];
export const SubmitAnswer = z.object({
  jobs: z.array(z.object({ jobId: JobId, input: z.string(), plannedOutput: z.string() })),
  /** Files of folders that are no media. */
  skipped: z.array(z.string()),
});
export type SubmitAnswer = z.infer<typeof SubmitAnswer>;

export const InterfaceCommand = z.discriminatedUnion('type', [
  z.object({ type: z.literal('submit'), request: SubmitRequest }),
  z.object({ type: z.literal('cancel'), jobId: JobId }),
  z.object({ type: z.literal('retry'), jobId: JobId }),
  z.object({ type: z.literal('remove'), jobId: JobId }),
  /** Off the list for now: `restore` brings it back to its place until the coordinator's grace is over. */
  z.object({ type: z.literal('discard'), jobId: JobId }),
  z.object({ type: z.literal('restore'), jobId: JobId }),
  z.object({ type: z.literal('duplicate'), jobId: JobId }),
  z.object({ type: z.literal('change'), jobId: JobId, change: JobRequestChange }),
  RetryFailures.extend({ type: z.literal('retry-failures') }),
  GiveUpFailures.extend({ type: z.literal('give-up-failures') }),
  z.object({ type: z.literal('order'), jobId: JobId, change: JobOrderChange }),
  z.object({ type: z.literal('pause-farm'), stopAfter: JobId.nullable(), now: z.boolean().optional() }),
  z.object({ type: z.literal('resume-farm') }),
  z.object({ type: z.literal('pause-node'), nodeId: NodeId, now: z.boolean() }),
  z.object({ type: z.literal('resume-node'), nodeId: NodeId }),
  z.object({ type: z.literal('schedule-node'), nodeId: NodeId, schedule: ScheduleText.nullable() }),
  z.object({ type: z.literal('forget-node'), nodeId: NodeId }),
  z.object({ type: z.literal('set-lan'), enabled: z.boolean() }),
  z.object({ type: z.literal('examine') }),
  z.object({ type: z.literal('add-watch-folder'), request: WatchFolderRequest }),
  z.object({ type: z.literal('change-watch-folder'), watchFolderId: WatchFolderId, change: WatchFolderChange }),
  z.object({ type: z.literal('remove-watch-folder'), watchFolderId: WatchFolderId }),
]);
export type InterfaceCommand = z.infer<typeof InterfaceCommand>;
export const CommandAnswer = z.union([SubmitAnswer, FailuresChanged, DoctorReport, WatchFolderView, z.null()]);
export type CommandAnswer = z.infer<typeof CommandAnswer>;

export interface CoordinatorToInterface {
  'farm:snapshot': (snapshot: FarmSnapshot) => void;
  'farm:patch': (patch: FarmPatch) => void;
  /** Of the job that this interface watches. */
  'job:history': (patch: JobHistoryPatch) => void;
}
export interface InterfaceToCoordinator {
  /** Asks for a fresh snapshot, after a sequence gap. */
  'farm:resync': () => void;
  command: (command: InterfaceCommand, ack: (answer: Envelope<CommandAnswer>) => void) => void;
  /** The history of one job, and its changes from now on; one job at a time, null: of none. */
  'job:watch': (jobId: JobId | null, ack: (answer: Envelope<JobHistory | null>) => void) => void;
  'job:log': (request: LogRequest, ack: (answer: Envelope<AttemptLog>) => void) => void;
  'job:quality': (jobId: JobId, ack: (answer: Envelope<JobQuality>) => void) => void;
}
