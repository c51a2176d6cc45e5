import type { ErrorData, KindCaps, NodeClosure, NodeDisk, NodeId, PauseMode, TaskId } from '@reelmill/protocol';
import type { Command, HeldLease } from '../command.ts';
import type { TaskResult } from '../model.ts';

/** Agent → coordinator, in the words of the scheduler. */
export type AgentMessage =
  | {
      readonly type: 'hello';
      readonly held: readonly HeldLease[];
      readonly slots: number;
      readonly waitingOffers: number;
      readonly kindCaps: KindCaps;
      readonly disk: NodeDisk | null;
      readonly standing: Standing;
    }
  | { readonly type: 'standing'; readonly standing: Standing }
  | {
      readonly type: 'heartbeat';
      readonly held: readonly HeldLease[];
      readonly agentClock: number;
      readonly disk: NodeDisk | null;
      /** It believes that the farm paused it. */
      readonly paused: boolean;
      /** The schedule of the farm's that it follows. */
      readonly farmHours: string | null;
    }
  | { readonly type: 'started'; readonly taskId: TaskId; readonly attempt: number }
  | { readonly type: 'returned'; readonly taskId: TaskId; readonly attempt: number }
  | { readonly type: 'free-slot'; readonly taskId: TaskId; readonly attempt: number }
  | { readonly type: 'offer-answer'; readonly taskId: TaskId; readonly attempt: number; readonly accepted: boolean }
  | { readonly type: 'finished'; readonly taskId: TaskId; readonly attempt: number; readonly outcome: Outcome }
  | { readonly type: 'bye' };
export type Outcome =
  | { readonly kind: 'completed'; readonly result: TaskResult }
  | { readonly kind: 'failed'; readonly error: ErrorData };

/** `said`: counts what the agent said of itself, so that the older of two messages is known. */
export interface Standing {
  readonly said: number;
  readonly closure: NodeClosure | null;
  readonly farmHours: string | null;
  readonly givenBack: readonly HeldLease[];
}

/** Coordinator → agent. */
export type CoordinatorMessage =
  | { readonly type: 'welcome'; readonly revoked: readonly HeldLease[] }
  | { readonly type: 'revoked'; readonly revoked: readonly HeldLease[] }
  | { readonly type: 'offer'; readonly taskId: TaskId; readonly attempt: number }
  | { readonly type: 'recall'; readonly taskId: TaskId; readonly attempt: number }
  | { readonly type: 'cancel'; readonly taskId: TaskId; readonly attempt: number }
  | { readonly type: 'pause'; readonly mode: PauseMode | null }
  | { readonly type: 'hours'; readonly schedule: string | null }
  | { readonly type: 'heard'; readonly said: number }
  | { readonly type: 'verdict'; readonly taskId: TaskId; readonly attempt: number };

export interface Sender {
  readonly nodeId: NodeId;
  /** One number per connection: what belongs to an older one is recognised. */
  readonly connection: number;
}

/** A command without its times: the coordinator's clock adds them. */
type Untimed<T> = T extends unknown ? Omit<T, 'at' | 'iso'> : never;
export type UntimedCommand = Untimed<Command>;
