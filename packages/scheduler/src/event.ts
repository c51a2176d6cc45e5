import type { ErrorData, JobId, NodeClosure, NodeDisk, NodeId, PauseMode, StepTimes, TaskId } from '@reelmill/protocol';
import type { Avoidance } from './command.ts';
import type { JobOrder, SubmittedOrder } from './jobOrder.ts';
import type { ClockMs, JobForecast, NodeRecord, Place, PublishedOutput, TaskPlan, TaskResult } from './model.ts';
import type { Patience } from './patience.ts';
import type { SpaceNeed, SpaceState } from './space.ts';

/** Of an attempt, for people: added when it is written, decisions never read it. Absent: written before this was noted. */
interface AttemptStamp {
  /** Wall time. */
  iso?: string;
  /** Name of the node that it was granted to. */
  nodeName?: string;
  /** Of an attempt that ends: when each of its steps began. */
  steps?: StepTimes;
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
  | ({
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
    } & AttemptStamp)
  | ({
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
    } & AttemptStamp)
  | ({ type: 'task-completed'; v: 1; taskId: TaskId; attempt: number; result: TaskResult } & AttemptStamp)
  | ({
      type: 'task-soft-failed';
      v: 1;
      taskId: TaskId;
      attempt: number;
      nodeId: NodeId | 'house';
      error: ErrorData;
      notBefore: ClockMs;
    } & AttemptStamp)
  | ({
      type: 'task-failed';
      v: 1;
      taskId: TaskId;
      attempt: number;
      /** Whose attempt or result it was; absent: nobody's, or written before this was noted. */
      nodeId?: NodeId | 'house';
      error: ErrorData;
    } & AttemptStamp)
  | ({
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
    } & AttemptStamp)
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
  /** `schedule` null: at all hours again. */
  | { type: 'node-hours-set'; v: 1; nodeId: NodeId; schedule: string | null; by: string; iso: string }
  | { type: 'node-resumed'; v: 1; nodeId: NodeId; iso: string }
  | { type: 'job-removed'; v: 1; jobId: JobId }
  | { type: 'job-discarded'; v: 1; jobId: JobId; iso: string /** It was stopped by that. */; stopped: boolean }
  | { type: 'job-restored'; v: 1; jobId: JobId }
  | { type: 'job-request-changed'; v: 1; jobId: JobId; request: unknown; replan: boolean };

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
  /** Again whenever the result got on. */
  | { type: 'lease-delivering'; taskId: TaskId; attempt: number; at: ClockMs }
  | { type: 'lease-started'; taskId: TaskId; attempt: number; at: ClockMs }
  | { type: 'lease-recalled'; taskId: TaskId; attempt: number }
  | { type: 'node-joined'; node: NodeRecord; at: ClockMs; disk?: NodeDisk }
  | { type: 'node-seen'; nodeId: NodeId; at: ClockMs; disk?: NodeDisk }
  | { type: 'node-standing'; nodeId: NodeId; closure: NodeClosure | null; farmHours?: string | null }
  | { type: 'node-proved'; nodeId: NodeId; hardwareClasses: readonly string[] }
  | { type: 'node-left'; nodeId: NodeId }
  | { type: 'patience-changed'; patience: Patience }
  | { type: 'space-noted'; space: SpaceState };

export type SchedulerEvent = DurableEvent | VolatileEvent;
