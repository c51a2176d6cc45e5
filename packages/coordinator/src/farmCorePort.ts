import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  Admission,
  AgentHello,
  AnyPreset,
  AttemptRuns,
  CpuBack,
  DiskView,
  DoctorReport,
  ErrorData,
  FarmPatch,
  FarmSnapshot,
  FarmTaskKind,
  FinishedVerdict,
  HardwareProof,
  Heartbeat,
  HeartbeatAnswer,
  InspectAnswer,
  InspectRequest,
  JobId,
  JobOrderChange,
  JobRequestChange,
  KindCaps,
  LeaseKey,
  LendingTerms,
  NodeHours,
  NodeId,
  NodePause,
  OfferAnswer,
  PauseNodeRequest,
  Placement,
  QueueRule,
  RefusedMessage,
  ScheduleNodeRequest,
  SignedPut,
  SourceReport,
  StandingReport,
  SubmitAnswer,
  SubmitRequest,
  TaskFinished,
  TaskId,
  TaskOffer,
  TaskProgress,
  Telemetry,
  UploadRequest,
  WatchFolderView,
  WhyAnswer,
} from '@reelmill/protocol';
import type { JobForecast, SchedulerEvent, SchedulerState } from '@reelmill/scheduler';
import type { Logger } from 'pino';
import type { FailureDesk } from './failures/failureDesk.ts';
import type { HistoryDesk } from './history/historyDesk.ts';
import type { LogDesk } from './history/logDesk.ts';
import type { QualityDesk } from './history/qualityDesk.ts';
import type { WatchDesk } from './watch/watchDesk.ts';

/** One admitted agent, as the gateway hands it to the core. A reconnect is a new connection object. */
export interface AgentConnection {
  readonly nodeId: NodeId;
  /** Remote address, for people. */
  readonly address: string;
  /** `http://host:port` as this agent dialled it: signed URLs of the embedded store are relative to it. */
  readonly baseUrl: string;
  /** Resolves with the agent's answer; rejects when it does not ack within timing.offerAckTimeoutMs. */
  offer(offer: TaskOffer): Promise<OfferAnswer>;
  cancel(key: LeaseKey): void;
  /** Tells it the farm's pause; null: there is none. */
  pause(pause: NodePause | null): void;
  /** Tells it the hours that the farm set; null: none. */
  hours(hours: NodeHours | null): void;
  /** Whether the agent gave a waiting offer back; rejects when it does not answer in time. */
  recall(key: LeaseKey): Promise<boolean>;
  /** What the node finds out about its hardware encoders; rejects when it does not answer in time. */
  proveHardware(): Promise<HardwareProof[]>;
  /** What the node keeps of an attempt; rejects when it does not answer in time. */
  readLog(key: LeaseKey): Promise<AttemptRuns>;
}

export interface FinishedUpload {
  readonly uploadId: string;
  /** File name as the user knows it, already made safe. */
  readonly name: string;
  /** Absolute path of the stored file. */
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface FoundNode {
  readonly nodeId: NodeId;
  readonly name: string;
  readonly address: string;
}

/** What only the doors know of themselves. */
export interface DoorStanding {
  /** Null: it listens to nothing. */
  readonly bound: { readonly host: string; readonly port: number } | null;
  readonly lan: boolean;
  /** Null while the network switch is off. */
  readonly mdns: MdnsStanding | null;
}

export interface MdnsStanding {
  /** Where it searches, by name. */
  readonly interfaces: readonly string[];
  /** Those among them whose sockets complained. */
  readonly failing: readonly string[];
  /** Agents that announce themselves now. */
  readonly heard: number;
}

/** What interfaces read: a snapshot and the numbered patches after it. Implemented in projection/. */
export interface FarmProjection {
  /** With `begun` the first of a long queue are enough: patches bring the others to who subscribes. */
  snapshot(options?: { readonly begun?: boolean }): FarmSnapshot;
  /** Patches ≤ 4 Hz; with `endsAtOnce`, the end of a job does not wait for the next. Returns the way to stop. */
  subscribe(listener: (patch: FarmPatch) => void, options?: { readonly endsAtOnce?: boolean }): () => void;
}

/**
 * Everything the doors (gateway, http, discovery) may ask of the farm. Every promise rejects with a FarmError.
 * All arguments were parsed at the door.
 */
export interface FarmCore extends FailureDesk, HistoryDesk, LogDesk, QualityDesk, WatchDesk {
  readonly projection: FarmProjection;
  readonly presets: readonly AnyPreset[];
  /**
   * Resolves once every job is journaled. Refuses (FarmError) only where nothing at all can be submitted. With `jobId` one
   * source becomes the job of that id, unless that was submitted before.
   */
  submit(request: SubmitRequest, jobId?: JobId): Promise<SubmitAnswer>;
  /** What a job of that file would do; rejects as its job would fail. Aborting the signal ends it. */
  inspect(request: InspectRequest, signal: AbortSignal): Promise<InspectAnswer>;
  /** Which of the nodes connected now can run what a report requires. */
  placement(requires: SourceReport['requires']): Placement;
  /** What of a job waits for nodes, and why each connected node does not have it. @throws FarmError NOT_FOUND */
  why(jobId: JobId): WhyAnswer;
  cancel(jobId: JobId): Promise<void>;
  retry(jobId: JobId): Promise<void>;
  remove(jobId: JobId): Promise<void>;
  /** Off the list, with all it has kept for an hour; what runs of it stops. */
  discard(jobId: JobId): Promise<void>;
  /** A discarded job is at its place again. NOT_FOUND where its grace is over. */
  restore(jobId: JobId): Promise<void>;
  /** Other presets or names for a job nothing of which was given to a node; else JOB_BEGUN. */
  change(jobId: JobId, change: JobRequestChange): Promise<void>;
  /** The same job once more, right behind it. */
  duplicate(jobId: JobId): Promise<SubmitAnswer>;
  /** Changes a job's place among the others; JOB_STATE for an ended job. */
  order(jobId: JobId, change: JobOrderChange): Promise<void>;
  /** Nothing new is started from now on, or from the end of a job on; with `now` nodes give back what they run. */
  pauseFarm(stopAfter: JobId | null, now?: boolean): Promise<void>;
  resumeFarm(): Promise<void>;
  /** The file is complete on disk: `submit` may name it as an input from now on. */
  registerUpload(upload: FinishedUpload): void;

  /** What works of all that a render needs, and what does not. Never rejects. */
  examine(doors: DoorStanding): Promise<DoctorReport>;

  /** Called after admission; offers may arrive on `connection` before this resolves. */
  agentHello(connection: AgentConnection, hello: AgentHello): Promise<{ revoked: LeaseKey[] }>;
  /** Synchronous and off the journal's path: a stalled disk revokes no lease. */
  agentHeartbeat(nodeId: NodeId, heartbeat: Heartbeat): HeartbeatAnswer;
  agentProgress(nodeId: NodeId, progress: TaskProgress): void;
  agentUpload(nodeId: NodeId, request: UploadRequest): Promise<SignedPut>;
  agentFinished(nodeId: NodeId, finished: TaskFinished): Promise<FinishedVerdict>;
  /** What the agent says of itself: whether it takes anything, what it gave back. Resolves once that is durable. */
  agentStanding(nodeId: NodeId, report: StandingReport): Promise<null>;
  /** `connection` guards against a late disconnect of an older socket: only the current one counts. */
  agentLeft(connection: AgentConnection, reason: 'bye' | 'disconnected'): Promise<void>;

  noteFoundNode(node: FoundNode): void;
  noteLostNode(nodeId: NodeId): void;
  /** Takes a node that is not connected off the list. */
  forgetNode(nodeId: NodeId): void;
  /** The doors did not take a message. */
  noteRefusedMessage(reason: RefusedMessage): void;
  /** Ends its quarantine. Throws NOT_FOUND where it is under none. */
  releaseNode(nameOrId: string): Promise<void>;
  /** It takes nothing new until it is resumed. Throws NOT_FOUND where no such node is known. */
  pauseNode(nameOrId: string, request: PauseNodeRequest): Promise<void>;
  /** Ends the farm's pause of it. Throws NODE_STATE where the farm did not pause it. */
  resumeNode(nameOrId: string): Promise<void>;
  /**
   * The hours in which the farm uses it, by the clock of its machine. Throws NOT_FOUND where no such node is known, NODE_STATE
   * where none are to be cleared.
   */
  scheduleNode(nameOrId: string, request: ScheduleNodeRequest): Promise<void>;
}

/** Progress of house tasks, never journaled. */
export interface HouseProgress {
  readonly taskId: TaskId;
  readonly jobId: JobId;
  readonly phase: 'fetch' | 'probe' | 'index' | 'hash' | 'join' | 'verify' | 'publish' | 'package';
  /** Null where the phase counts in percent only. */
  readonly bytes: { readonly done: number; readonly total: number } | null;
  readonly percent: number | null;
}

/** Facts of a node that the scheduler does not keep. */
export interface NodeFacts {
  readonly nodeId: NodeId;
  readonly name: string;
  readonly address: string;
  readonly local: boolean;
  readonly slots: number;
  readonly memoryBytes: number;
  /** What its tasks may hold together. */
  readonly taskMemoryBytes: number;
  readonly tags: readonly string[];
  /** null: tasks of all kinds. */
  readonly kinds: readonly FarmTaskKind[] | null;
  /** At most so many of a kind at once; absent: as many as it has slots. */
  readonly kindCaps?: KindCaps;
  readonly ffmpegVersion: string;
  /** How its machine is lent; absent: not told. */
  readonly lending?: LendingTerms;
}

/** Everything that changes what people see, in order. `events` were already applied to `state()`. */
export type CoreChange =
  | { readonly kind: 'events'; readonly events: readonly SchedulerEvent[]; readonly iso: string }
  | { readonly kind: 'task-progress'; readonly nodeId: NodeId; readonly progress: TaskProgress }
  | { readonly kind: 'house-progress'; readonly progress: HouseProgress }
  | { readonly kind: 'node-connected'; readonly facts: NodeFacts }
  | { readonly kind: 'node-disconnected'; readonly nodeId: NodeId; readonly reason: 'bye' | 'disconnected' }
  | {
      readonly kind: 'node-telemetry';
      readonly nodeId: NodeId;
      readonly telemetry: Telemetry;
      readonly epochMs: number;
    }
  | { readonly kind: 'node-cpu-back'; readonly nodeId: NodeId; readonly cpuBack: CpuBack }
  | { readonly kind: 'node-hardware'; readonly nodeId: NodeId; readonly proofs: readonly HardwareProof[] | null }
  | { readonly kind: 'node-found'; readonly node: FoundNode }
  | { readonly kind: 'node-lost'; readonly nodeId: NodeId }
  | { readonly kind: 'node-forgotten'; readonly nodeId: NodeId }
  | { readonly kind: 'storage'; readonly ok: boolean; readonly freeBytes: number | null }
  | { readonly kind: 'disk'; readonly disk: DiskView }
  | { readonly kind: 'message-refused'; readonly reason: RefusedMessage }
  | { readonly kind: 'farm-warning'; readonly error: ErrorData }
  | { readonly kind: 'watch-folders'; readonly folders: readonly WatchFolderView[] };

/** What the projection is built from. `JobRecord.request`/`plan` parse as JobRequest/PlanSummary of jobRecords.ts. */
export interface CoreFeed {
  state(): SchedulerState;
  subscribe(listener: (change: CoreChange) => void): () => void;
}

/**
 * projection/createProjection.ts exports
 * `createProjection(options: ProjectionOptions): ProjectionHandle`.
 */
export interface ProjectionOptions {
  readonly feed: CoreFeed;
  readonly coordinatorId: string;
  readonly coordinatorName: string;
  readonly presets: readonly AnyPreset[];
  readonly storageKind: 'embedded' | 's3';
  /** How long finished chunks stay where a job says nothing of it; absent: not at all. */
  readonly scratchRetentionMs?: number;
  /** Named queues; none where absent. */
  readonly queues?: readonly QueueRule[];
  /** A job ended whose time left had been told: kept, so that later ranges and their hit rate learn from it. */
  noteForecast?(jobId: JobId, forecast: JobForecast): void;
}
export interface ProjectionHandle extends FarmProjection {
  /** What only the doors know; shown in FarmStats. */
  setLan(facts: { lan: boolean; joinCommand: string | null }): void;
  /** A node that is on the network knocked and was refused: its row says why. */
  noteRefused?(nodeId: NodeId, error: ErrorData): void;
  close(): void;
}

/** gateway/createDoors.ts exports `createDoors(options: DoorsOptions): Promise<Doors>`; it listens to nothing yet. */
export interface DoorsOptions {
  readonly core: FarmCore;
  readonly projection: ProjectionHandle;
  readonly logger: Logger;
  /** For what the doors keep themselves (per-node keys). Mode 0700. */
  readonly dataDir: string;
  readonly coordinatorId: string;
  readonly coordinatorName: string;
  readonly joinToken: string;
  readonly ownerToken: string;
  /** Sent to agents once they are authenticated. */
  readonly admission: Admission;
  /** Built interface bundle, or null: API only. */
  readonly staticFolder: string | null;
  /** Signed door of the embedded store (URLs under /objects/); null with S3. True when the URL was its own. */
  readonly objectDoor: ((request: IncomingMessage, response: ServerResponse) => Promise<boolean>) | null;
  /** Finished uploads go to `{uploadsFolder}/{uploadId}/{name}`, then `core.registerUpload`. */
  readonly uploadsFolder: string;
  readonly lan: boolean;
  /** Further page origins that are served, e.g. a development server; none in a product. */
  readonly extraOrigins?: readonly string[];
}

export interface Doors {
  /** Rejects with the system's EADDRINUSE when the port is taken: the composition root tries the next one. */
  listen(address: { host: string; port: number }): Promise<{ host: string; port: number }>;
  /** `http://127.0.0.1:PORT/#code=<one-time>`; a fresh code at each call. */
  interfaceUrl(): string;
  /** `http://127.0.0.1:PORT` (or the host when it is a specific address). */
  apiUrl(): string;
  /** Opens or closes the door to other machines while everything runs on; the port stays. */
  setLan(enabled: boolean): Promise<void>;
  /** Closes sockets, stops discovery, frees the port. */
  close(): Promise<void>;
}
