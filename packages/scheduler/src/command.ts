import type {
  ErrorData,
  JobId,
  NodeClosure,
  NodeDisk,
  NodeHours,
  NodeId,
  NodePause,
  PauseMode,
  QueueRule,
  TaskId,
} from '@reelmill/protocol';
import type { SchedulerEvent } from './event.ts';
import type { OrderChange, SubmittedOrder } from './jobOrder.ts';
import type {
  ClockMs,
  JobForecast,
  NodeHeard,
  NodeRecord,
  PublishedOutput,
  SchedulerState,
  TaskPlan,
  TaskResult,
} from './model.ts';
import type { SpaceNeed, Volume } from './space.ts';

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
  | ({
      type: 'plan-job';
      jobId: JobId;
      plan: unknown;
      tasks: readonly TaskPlan[];
      space?: readonly SpaceNeed[];
      /** The request it was made for; one of a request that was changed since is `stale`. Absent: not asked. */
      request?: unknown;
    } & At &
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
  /** When the farm uses the node, by its own clock; null: at all hours. Its agent keeps them, and gets nothing before it said so. */
  | ({ type: 'set-hours'; nodeId: NodeId; schedule: string | null; by: string } & At & WallTime)
  /** The node says whether it takes anything, and which of its leases it gave back. */
  | ({
      type: 'note-standing';
      nodeId: NodeId;
      closure: NodeClosure | null;
      /** The schedule of the farm's that it follows; absent: as before. */
      farmHours?: string | null;
      givenBack: readonly HeldLease[];
    } & At &
      WallTime)
  | ({ type: 'prove-node'; nodeId: NodeId; hardwareClasses: readonly string[] } & At & WallTime)
  /** `disk`: what the node says of it; absent: as before. */
  | ({ type: 'heartbeat'; nodeId: NodeId; held: readonly HeldLease[]; disk?: NodeDisk } & At & WallTime)
  /** The attempt's encoder ended and its result is being uploaded: the node may start its next task. Again as the upload gets on. */
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
  /** `onlyDiscarded`: not if it was brought back in this very moment. */
  | ({ type: 'remove-job'; jobId: JobId; onlyDiscarded?: true } & At & WallTime)
  /** Off the list, an active job stopped; everything it has stays, so that it can be brought back. */
  | ({ type: 'discard-job'; jobId: JobId } & At & WallTime)
  /** A discarded job is where it was; one that was stopped by that goes on with what it had finished. */
  | ({ type: 'restore-job'; jobId: JobId } & At & WallTime)
  /** What was asked for is another thing now. `replan`: a plan that exists is made anew. */
  | ({ type: 'change-request'; jobId: JobId; request: unknown; replan: boolean } & At & WallTime);

/** `closure` absent: it takes work. */
export type JoiningNode = Omit<NodeRecord, 'closure'> & Partial<Pick<NodeRecord, 'closure'>> & Pick<NodeHeard, 'disk'>;

/** A task that a retry by hand wants done elsewhere. */
export interface Avoidance {
  readonly taskId: TaskId;
  readonly nodeIds: readonly NodeId[];
}

export interface HeldLease {
  readonly taskId: TaskId;
  readonly attempt: number;
}

/** Run by the coordinator after the events are durable; all idempotent. */
export type Effect =
  | { type: 'offer-task'; nodeId: NodeId; taskId: TaskId; attempt: number }
  /** Tell the agent to stop an attempt that no longer counts. */
  | { type: 'cancel-lease'; nodeId: NodeId; taskId: TaskId; attempt: number }
  /** Ask the agent for a task back that it has not begun; its answer comes as `return-task`. */
  | { type: 'recall-lease'; nodeId: NodeId; taskId: TaskId; attempt: number }
  /** Tell the node that the farm paused it; null: not any more. */
  | { type: 'tell-pause'; nodeId: NodeId; pause: NodePause | null }
  /** Tell the node the hours that the farm set; null: none. */
  | { type: 'tell-hours'; nodeId: NodeId; hours: NodeHours | null }
  | { type: 'run-house-task'; taskId: TaskId; attempt: number }
  | { type: 'cancel-house-task'; taskId: TaskId; attempt: number }
  /** The job reached an end: its scratch may go (`keep` completed segments of a failed job for a retry). */
  | { type: 'sweep-job'; jobId: JobId; keepSegments: boolean };

export type Decision =
  | { readonly kind: 'accepted'; readonly events: readonly SchedulerEvent[]; readonly effects: readonly Effect[] }
  /** Nothing happened. `stale`: a result of a lease that no longer counts. */
  | {
      readonly kind: 'rejected';
      readonly reason:
        | 'stale'
        | 'unknown-job'
        | 'unknown-task'
        | 'unknown-node'
        | 'job-state'
        | 'begun'
        | 'order'
        | 'duplicate';
    };

/** A decision with the state that its events lead to from the one that was decided on. */
export type Verdict =
  | Extract<Decision, { kind: 'rejected' }>
  | (Extract<Decision, { kind: 'accepted' }> & { readonly next: SchedulerState });
