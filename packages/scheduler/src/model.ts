import type {
  Artifact,
  ErrorData,
  FarmTaskKind,
  HouseTaskKind,
  JobId,
  KindCaps,
  NodeClosure,
  NodeDisk,
  NodeHours,
  NodeId,
  NodePause,
  RenditionId,
  Sha256,
  TaskId,
  TaskKind,
} from '@reelmill/protocol';
import type { SchedulerIndex } from './jobIndex.ts';
import type { Gate, JobOrder } from './jobOrder.ts';
import type { Patience } from './patience.ts';
import type { PersistentMap } from './persistentMap.ts';
import type { SpaceNeed, SpaceState } from './space.ts';
import type { SpeedBook } from './speed.ts';

/** Milliseconds of the coordinator's lease clock (monotonic within one process; reset by `boot`). */
export type ClockMs = number;

/** `house`: beside the coordinator, without a lease clock; `farm`: on an agent, under a lease. */
export type Place = 'house' | 'farm';

/** A task as planned: everything the scheduler may know of it. The spec itself lives in the manifest. */
export interface TaskPlan {
  readonly taskId: TaskId;
  readonly jobId: JobId;
  readonly kind: TaskKind;
  readonly place: Place;
  readonly dependsOn: readonly TaskId[];
  /** Predicted encoder CPU seconds; orders tasks (decision 2), never moves a boundary. */
  readonly costSeconds: number;
  /** Only nodes of this toolchain class may run it; null for house tasks. */
  readonly toolchainClass: string | null;
  readonly rendition: RenditionId | null;
  readonly chunkIndex: number | null;
  /** Most memory an attempt is expected to hold at once; absent: not known, never checked. */
  readonly memoryBytes?: number;
  /** Most an attempt is expected to write on its node's disk; absent: not known, never checked. */
  readonly diskBytes?: number;
  /** What nodes on other machines fetch as well, once for all tasks of the job: the copy of its source. */
  readonly fetchBytes?: number;
  /** Only for nodes that carry these tags; absent: for any. */
  readonly pin?: TaskPin;
}

export interface TaskPin {
  /** A node must carry all of them. */
  readonly tags: readonly string[];
  /** Whether other nodes may have it once the tagged ones had no room for a while (`spillAfterMs`). */
  readonly spill: 'never' | 'busy';
}

export interface Lease {
  readonly attempt: number;
  /** `house` for house tasks. */
  readonly nodeId: NodeId | 'house';
  /** `houseLeaseNeverExpires` for house tasks. */
  readonly expiresAt: ClockMs;
  /** The encoder is done, the result is on its way: the lease counts, its slot is free again. */
  readonly delivering: boolean;
  /** When its result last got on its way, by what its node said; null: it is not under way. */
  readonly movedAt: ClockMs | null;
  /** When its node began to work on it; null: it waits there behind others, and may be asked back. */
  readonly startedAt: ClockMs | null;
  /** It was asked back: once is enough, its node may have begun it meanwhile. */
  readonly recalled: boolean;
}

/** What an accepted attempt left behind. `report` is opaque here (≤ 64 KiB). */
export interface TaskResult {
  readonly artifacts: readonly Artifact[];
  readonly report: unknown;
  readonly sourceSha256: Sha256 | null;
  readonly wallSeconds: number;
  readonly nodeId: NodeId | 'house';
  readonly nodeName: string;
}

export type TaskPhase =
  | { readonly kind: 'blocked' }
  | { readonly kind: 'queued'; readonly notBefore: ClockMs }
  /** `backup`: a second copy on another node, because the first is late; whichever ends well first counts. */
  | {
      readonly kind: 'leased';
      readonly lease: Lease;
      readonly backup: Lease | null;
      /** Its other copy failed: should this one be lost, the task rests as long as it would have alone. */
      readonly restsUntil?: ClockMs;
    }
  | { readonly kind: 'completed'; readonly attempt: number; readonly result: TaskResult }
  | { readonly kind: 'failed'; readonly error: ErrorData }
  | { readonly kind: 'canceled' };

export interface TaskState {
  readonly plan: TaskPlan;
  readonly phase: TaskPhase;
  /** Last granted attempt; 0 before the first grant. */
  readonly attempts: number;
  /** Attempts that failed by the task's own outcome (budget: retryLimits.failureBudget). */
  readonly failures: number;
  /** Attempts lost to infrastructure (cap: retryLimits.lossCap). */
  readonly losses: number;
  /** Nodes whose attempt failed, in order: other nodes are preferred. */
  readonly failedOn: readonly NodeId[];
  /** Nodes whose result of it failed verification: see `convict`. */
  readonly badResultsOf?: readonly NodeId[];
  /** Nodes that a retry by hand asked to keep away from it while others are there. */
  readonly avoid?: readonly NodeId[];
  /** Tasks of `plan.dependsOn` that are not completed; a task is blocked exactly while this is above 0. */
  readonly openDependencies: number;
}

export type JobPhase =
  | { readonly kind: 'active' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: ErrorData; readonly taskId: TaskId | null }
  | { readonly kind: 'canceled' };

export interface JobRecord {
  readonly jobId: JobId;
  /** Order of submission, from 1. */
  readonly sequence: number;
  readonly order: JobOrder;
  /** The coordinator's own request record: journaled with the job, opaque here. */
  readonly request: unknown;
  /** The coordinator's own summary of the plan (manifest key, counts); null until planned; opaque here. */
  readonly plan: unknown;
  readonly phase: JobPhase;
  readonly taskIds: readonly TaskId[];
  /** Attempts granted to tasks that a retry from scratch dropped: numbers of new tasks start above it (the fence). */
  readonly attemptFloor: number;
  /** Names under publication or published: written before the file appears (decision 19). */
  readonly outputs: readonly PublishedOutput[];
  /** Of a job that is done, where its time left was ever told. */
  readonly forecast?: JobForecast;
  readonly submittedAtIso: string;
  readonly finishedAtIso: string | null;
  /** Its owner gave the failed job up: it is not a dead letter any more, and its scratch is gone. */
  readonly givenUp?: boolean;
  /** It is off the list, but may come back; absent: it is on it. */
  readonly discarded?: { readonly iso: string; readonly stopped: boolean };
  /** What its plan needs of the coordinator's disks; absent: not known, never checked. */
  readonly space?: readonly SpaceNeed[];
  /** When its finished chunks were removed; absent: they were not, or it ran again since. */
  readonly scratchRemovedAtIso?: string;
}

/** A range of time left that people were shown at about a third of the way, and what the job then took. */
export interface JobForecast {
  readonly estimatedSeconds: number;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly tookSeconds: number;
}

export interface PublishedOutput {
  readonly rendition: RenditionId;
  readonly path: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly frames: number;
  readonly state: 'publishing' | 'published';
}

/** Known only while connected: never journaled. */
export interface NodeRecord {
  readonly nodeId: NodeId;
  readonly name: string;
  readonly slots: number;
  readonly toolchainClass: string;
  /** Further classes it belongs to, by hardware encoders it proved; none where absent. */
  readonly hardwareClasses?: readonly string[];
  /** What its tasks may hold together; absent: not known, never checked. */
  readonly memoryBytes?: number;
  /** Tasks that are pinned to one of these may run here; none where absent. */
  readonly tags?: readonly string[];
  /** The only kinds of tasks it takes; absent: all. */
  readonly kinds?: readonly FarmTaskKind[];
  /** At most so many of a kind at once; absent: as many as it has slots. */
  readonly kindCaps?: KindCaps;
  readonly local: boolean;
  /** Tasks it lets wait beyond its slots; none where absent. */
  readonly waitingOffers?: number;
  /** By its own word: it finishes what it holds and gets nothing new. */
  readonly closure: NodeClosure | null;
  /** The schedule of the farm's that it said it follows; null or absent: none. */
  readonly farmHours?: string | null;
}

/** What a connected node told last: heartbeats change this, and not its record. */
export interface NodeHeard {
  readonly at: ClockMs;
  /** What it said of its disk; absent: not known, never checked. */
  readonly disk?: NodeDisk;
}

/** What a node's results were worth; nodes without a bad one have none. Outlives connections and restarts. */
export interface NodeTrust {
  /** Tasks of which it delivered a bad result and another node a good one. */
  readonly badResults: readonly TaskId[];
  readonly quarantine: { readonly error: ErrorData; readonly sinceIso: string } | null;
}

export interface SchedulerState {
  /** Iterates in no particular order; `sequence` tells the order of submission. */
  readonly jobs: PersistentMap<JobId, JobRecord>;
  /** Iterates in no particular order; `JobRecord.taskIds` gives the order of the plan. */
  readonly tasks: PersistentMap<TaskId, TaskState>;
  readonly nodes: ReadonlyMap<NodeId, NodeRecord>;
  /** Of each connected node. */
  readonly heard: PersistentMap<NodeId, NodeHeard>;
  readonly trust: ReadonlyMap<NodeId, NodeTrust>;
  /** Nodes that the farm paused. Outlives connections and restarts. */
  readonly pauses: ReadonlyMap<NodeId, NodePause>;
  /** When the farm uses nodes, by the clocks of their machines. Outlives connections and restarts. */
  readonly hours: ReadonlyMap<NodeId, NodeHours>;
  readonly nextSequence: number;
  /** Above the rank of every job. */
  readonly nextRank: number;
  readonly gate: Gate;
  /** Time of the last command: a jump beyond timing.clockJumpMs gives every lease one grace period. */
  readonly clock: ClockMs;
  readonly speeds: SpeedBook;
  /** Who waits how long for room of a certain kind; never journaled. */
  readonly patience: Patience;
  /** Room on the coordinator's disks, and who waits for it; never journaled. */
  readonly space: SpaceState;
  /** Derived from jobs and tasks, kept up by `evolve`, so that no decision walks all tasks. */
  readonly index: SchedulerIndex;
}

export type { FarmTaskKind, HouseTaskKind };
