import type {
  Artifact,
  ErrorData,
  FarmTaskKind,
  HouseTaskKind,
  JobId,
  NodeClosure,
  NodeId,
  NodePause,
  PauseMode,
  QueueRule,
  RenditionId,
  Sha256,
  TaskId,
  TaskKind,
} from '@reelmill/protocol';
import type { SchedulerIndex } from './jobIndex.ts';
import type { Gate, JobOrder, OrderChange, SubmittedOrder } from './jobOrder.ts';
import type { Patience } from './patience.ts';
import type { PersistentMap } from './persistentMap.ts';
import type { SpaceNeed, SpaceState, Volume } from './space.ts';
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
  | { readonly kind: 'leased'; readonly lease: Lease; readonly backup: Lease | null }
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
  /** What it said last of its disk; absent: not known, never checked. */
  readonly disk?: NodeDisk;
  /** Tasks that are pinned to one of these may run here; none where absent. */
  readonly tags?: readonly string[];
  /** The only kinds of tasks it takes; absent: all. */
  readonly kinds?: readonly FarmTaskKind[];
  readonly local: boolean;
  /** Tasks it lets wait beyond its slots; none where absent. */
  readonly waitingOffers?: number;
  /** By its own word: it finishes what it holds and gets nothing new. */
  readonly closure: NodeClosure | null;
}

/** Room on the disk that a node works on. */
export interface NodeDisk {
  /** What its tasks may fill together: what is free, and what they and copies of sources hold already. */
  readonly roomBytes: number;
  /** Below its low mark, and not above its high mark since. */
  readonly low: boolean;
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
  /** When each connected node was last heard: apart from its record, which a heartbeat does not change. */
  readonly heardAt: PersistentMap<NodeId, ClockMs>;
  readonly trust: ReadonlyMap<NodeId, NodeTrust>;
  /** Nodes that the farm paused. Outlives connections and restarts. */
  readonly pauses: ReadonlyMap<NodeId, NodePause>;
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

export interface SchedulerLimits {
  /** House tasks that may run at once. */
  readonly houseSlots: number;
  /** Named queues; jobs of a queue that is not among them are bound by nothing. */
  readonly queues?: readonly QueueRule[];
  /** A task whose node has a full disk waits for room there where no other node could have it; absent: its job fails. */
  readonly waitsForSpace?: boolean;
}

interface At {
  readonly at: ClockMs;
}
interface WallTime {
  /** ISO 8601 wall time for people; decisions never read it. */
  readonly iso: string;
}
type FarmOutcome =
  | { readonly kind: 'completed'; readonly result: TaskResult }
  | { readonly kind: 'failed'; readonly error: ErrorData };

export type Command =
  | ({ type: 'boot' } & At & WallTime)
  | ({ type: 'tick' } & At & WallTime)
  | ({
      type: 'submit-job';
      jobId: JobId;
      request: unknown;
      tasks: readonly TaskPlan[];
      order?: SubmittedOrder;
    } & At &
      WallTime)
  /** Changes a job's place among the others; what is absent stays. */
  | ({ type: 'order-job'; jobId: JobId; change: OrderChange } & At & WallTime)
  /** Nothing new is started from now on, or with `stopAfter` from the end of that job on. */
  | ({ type: 'pause-farm'; stopAfter: JobId | null } & At & WallTime)
  /** Takes a pause or a stop marker back. */
  | ({ type: 'resume-farm' } & At & WallTime)
  /** The probe task delivered the plan: its remaining tasks join the job. */
  | ({ type: 'plan-job'; jobId: JobId; plan: unknown; tasks: readonly TaskPlan[]; space?: readonly SpaceNeed[] } & At &
      WallTime)
  /** What is free on the coordinator's disks; `low`: on that of its journal too little for anything new. */
  | ({ type: 'note-space'; low: boolean; volumes: readonly Volume[] } & At & WallTime)
  /** The finished chunks of an ended job were removed. */
  | ({ type: 'note-scratch-removed'; jobId: JobId } & At & WallTime)
  | ({ type: 'join-node'; node: JoiningNode; held: readonly HeldLease[]; givenBack?: readonly HeldLease[] } & At &
      WallTime)
  | ({ type: 'leave-node'; nodeId: NodeId; reason: 'bye' | 'disconnected' } & At & WallTime)
  /** The node gets nothing new; with `now` it is told to stop what it has and give it back. */
  | ({ type: 'pause-node'; nodeId: NodeId; mode: PauseMode; by: string } & At & WallTime)
  | ({ type: 'resume-node'; nodeId: NodeId } & At & WallTime)
  /** The node says whether it takes anything, and which of its leases it gave back. */
  | ({ type: 'note-standing'; nodeId: NodeId; closure: NodeClosure | null; givenBack: readonly HeldLease[] } & At &
      WallTime)
  | ({ type: 'prove-node'; nodeId: NodeId; hardwareClasses: readonly string[] } & At & WallTime)
  /** `disk`: what the node says of it; absent: as before. */
  | ({ type: 'heartbeat'; nodeId: NodeId; held: readonly HeldLease[]; disk?: NodeDisk } & At & WallTime)
  /** The attempt's encoder ended and its result is being uploaded: the node may start its next task. */
  | ({ type: 'free-slot'; nodeId: NodeId; taskId: TaskId; attempt: number } & At & WallTime)
  /** The node began to work on what it was granted. */
  | ({ type: 'start-task'; nodeId: NodeId; taskId: TaskId; attempt: number } & At & WallTime)
  /** The node gave back, unbegun, what it was asked for. */
  | ({ type: 'return-task'; nodeId: NodeId; taskId: TaskId; attempt: number } & At & WallTime)
  | ({ type: 'offer-refused'; nodeId: NodeId; taskId: TaskId; attempt: number; error: ErrorData } & At & WallTime)
  | ({ type: 'finish-task'; nodeId: NodeId | 'house'; taskId: TaskId; attempt: number; outcome: FarmOutcome } & At &
      WallTime)
  /** A completed result proved bad later (hash, overlap): it is made again, on another node if possible. */
  | ({ type: 'reopen-task'; taskId: TaskId; attempt: number; error: ErrorData } & At & WallTime)
  | ({ type: 'note-forecast'; jobId: JobId; forecast: JobForecast } & At & WallTime)
  | ({ type: 'note-output'; jobId: JobId; output: PublishedOutput } & At & WallTime)
  | ({ type: 'cancel-job'; jobId: JobId } & At & WallTime)
  /** Failed or canceled → active again; completed tasks are kept, unless `replan` (or SOURCE_CHANGED) asks for a new plan. */
  | ({ type: 'retry-job'; jobId: JobId; replan?: boolean; avoid?: Avoidance } & At & WallTime)
  /** The owner will not retry the failed job: its scratch goes. */
  | ({ type: 'give-up-job'; jobId: JobId } & At & WallTime)
  /** The quarantine of a node ends. */
  | ({ type: 'release-node'; nodeId: NodeId } & At & WallTime)
  | ({ type: 'remove-job'; jobId: JobId } & At & WallTime);

/** `closure` absent: it takes work. */
export type JoiningNode = Omit<NodeRecord, 'closure'> & Partial<Pick<NodeRecord, 'closure'>>;

/** A task that a retry by hand wants done elsewhere. */
export interface Avoidance {
  readonly taskId: TaskId;
  readonly nodeIds: readonly NodeId[];
}

export interface HeldLease {
  readonly taskId: TaskId;
  readonly attempt: number;
}

/** Journaled, versioned facts. Replaying them from `initialState` rebuilds jobs and tasks. */
export type DurableEvent =
  /** A new process took over: its lease clock starts anew, farm leases get one TTL, nodes have to join again. */
  | { type: 'coordinator-booted'; v: 1; at: ClockMs; iso: string }
  | {
      type: 'job-submitted';
      v: 1;
      jobId: JobId;
      request: unknown;
      tasks: readonly TaskPlan[];
      iso: string;
      /** What differs from the default order. */
      order?: SubmittedOrder;
    }
  | { type: 'job-ordered'; v: 1; jobId: JobId; order: Partial<Omit<JobOrder, 'submitter'>> }
  | { type: 'farm-paused'; v: 1; stopAfter: JobId | null; iso: string }
  | { type: 'farm-resumed'; v: 1; iso: string }
  | {
      type: 'job-planned';
      v: 1;
      jobId: JobId;
      plan: unknown;
      tasks: readonly TaskPlan[];
      space?: readonly SpaceNeed[];
    }
  | { type: 'scratch-removed'; v: 1; jobId: JobId; iso: string }
  | {
      type: 'lease-granted';
      v: 1;
      taskId: TaskId;
      attempt: number;
      nodeId: NodeId | 'house';
      expiresAt: ClockMs;
      /** It waits at its node behind others. */
      waiting?: true;
      /** A second copy beside the one under way. */
      backup?: true;
    }
  | {
      type: 'lease-lost';
      v: 1;
      taskId: TaskId;
      attempt: number;
      nodeId: NodeId | 'house';
      reason: LossReason;
      error: ErrorData | null;
      /** Prefer other nodes for the next attempt. */
      avoidNode: boolean;
      notBefore: ClockMs;
    }
  | { type: 'task-completed'; v: 1; taskId: TaskId; attempt: number; result: TaskResult }
  | {
      type: 'task-soft-failed';
      v: 1;
      taskId: TaskId;
      attempt: number;
      nodeId: NodeId | 'house';
      error: ErrorData;
      notBefore: ClockMs;
    }
  | {
      type: 'task-failed';
      v: 1;
      taskId: TaskId;
      attempt: number;
      /** Whose attempt or result it was; absent: nobody's, or written before this was noted. */
      nodeId?: NodeId | 'house';
      error: ErrorData;
    }
  | {
      type: 'task-reopened';
      v: 1;
      taskId: TaskId;
      attempt: number;
      error: ErrorData;
      /** Whether it consumed one of the failure budget. */
      charged: boolean;
      /** Infrastructure was at fault: it counts as a loss. Absent: no. */
      lost?: boolean;
      notBefore: ClockMs;
    }
  | { type: 'forecast-noted'; v: 1; jobId: JobId; forecast: JobForecast }
  | { type: 'output-noted'; v: 1; jobId: JobId; output: PublishedOutput }
  | { type: 'job-done'; v: 1; jobId: JobId; iso: string }
  | { type: 'job-failed'; v: 1; jobId: JobId; taskId: TaskId | null; error: ErrorData; iso: string }
  | { type: 'job-canceled'; v: 1; jobId: JobId; iso: string }
  | { type: 'job-retried'; v: 1; jobId: JobId; replan: boolean; avoid?: Avoidance }
  | { type: 'job-given-up'; v: 1; jobId: JobId; iso: string }
  | { type: 'node-quarantined'; v: 1; nodeId: NodeId; error: ErrorData; iso: string }
  | { type: 'node-released'; v: 1; nodeId: NodeId; iso: string }
  | { type: 'node-paused'; v: 1; nodeId: NodeId; mode: PauseMode; by: string; iso: string }
  | { type: 'node-resumed'; v: 1; nodeId: NodeId; iso: string }
  | { type: 'job-removed'; v: 1; jobId: JobId };

/** `recalled`: asked back before it began. `given-back`: its node stopped it to free the machine. Neither counts. */
export type LossReason =
  | 'expired'
  | 'disconnected'
  | 'refused'
  | 'restarted'
  | 'infrastructure'
  | 'recalled'
  | 'given-back';

/** True only while this process lives: never journaled. */
export type VolatileEvent =
  | { type: 'clock-advanced'; at: ClockMs }
  /** No job of that place is let in out of turn before then: see `overdue.ts`. */
  | { type: 'turn-due'; place: Place; at: ClockMs }
  | { type: 'lease-renewed'; taskId: TaskId; attempt: number; expiresAt: ClockMs }
  | { type: 'lease-delivering'; taskId: TaskId; attempt: number }
  | { type: 'lease-started'; taskId: TaskId; attempt: number; at: ClockMs }
  | { type: 'lease-recalled'; taskId: TaskId; attempt: number }
  | { type: 'node-joined'; node: NodeRecord; at: ClockMs }
  | { type: 'node-seen'; nodeId: NodeId; at: ClockMs; disk?: NodeDisk }
  | { type: 'node-standing'; nodeId: NodeId; closure: NodeClosure | null }
  | { type: 'node-proved'; nodeId: NodeId; hardwareClasses: readonly string[] }
  | { type: 'node-left'; nodeId: NodeId }
  | { type: 'patience-changed'; patience: Patience }
  | { type: 'space-noted'; space: SpaceState };

export type SchedulerEvent = DurableEvent | VolatileEvent;

/** Run by the coordinator after the events are durable; all idempotent. */
export type Effect =
  | { type: 'offer-task'; nodeId: NodeId; taskId: TaskId; attempt: number }
  /** Tell the agent to stop an attempt that no longer counts. */
  | { type: 'cancel-lease'; nodeId: NodeId; taskId: TaskId; attempt: number }
  /** Ask the agent for a task back that it has not begun; its answer comes as `return-task`. */
  | { type: 'recall-lease'; nodeId: NodeId; taskId: TaskId; attempt: number }
  /** Tell the node that the farm paused it; null: not any more. */
  | { type: 'tell-pause'; nodeId: NodeId; pause: NodePause | null }
  | { type: 'run-house-task'; taskId: TaskId; attempt: number }
  | { type: 'cancel-house-task'; taskId: TaskId; attempt: number }
  /** The job reached an end: its scratch may go (`keep` completed segments of a failed job for a retry). */
  | { type: 'sweep-job'; jobId: JobId; keepSegments: boolean };

export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly SchedulerEvent[]; readonly effects: readonly Effect[] }
  /** Nothing happened. `stale`: a result of a lease that no longer counts. */
  | {
      readonly kind: 'rejected';
      readonly reason: 'stale' | 'unknown-job' | 'unknown-task' | 'unknown-node' | 'job-state' | 'order' | 'duplicate';
    };

/** A decision with the state that its events lead to from the one that was decided on. */
export type Verdict =
  | Extract<Decision, { kind: 'rejected' }>
  | (Extract<Decision, { kind: 'accepted' }> & { readonly next: SchedulerState });

export type { FarmTaskKind, HouseTaskKind };
