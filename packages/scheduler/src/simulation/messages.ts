import type { ErrorData, NodeDisk, NodeId, TaskId } from '@reelmill/protocol';
import type { Command, HeldLease, TaskResult } from '../model.ts';

/** Agent → coordinator, in the words of the scheduler. */
export type AgentMessage =
  | {
      readonly type: 'hello';
      readonly held: readonly HeldLease[];
      readonly slots: number;
      readonly waitingOffers: number;
      readonly disk: NodeDisk | null;
    }
  | {
      readonly type: 'heartbeat';
      readonly held: readonly HeldLease[];
      readonly agentClock: number;
      readonly disk: NodeDisk | null;
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

/** Coordinator → agent. */
export type CoordinatorMessage =
  | { readonly type: 'welcome'; readonly revoked: readonly HeldLease[] }
  | { readonly type: 'revoked'; readonly revoked: readonly HeldLease[] }
  | { readonly type: 'offer'; readonly taskId: TaskId; readonly attempt: number }
  | { readonly type: 'recall'; readonly taskId: TaskId; readonly attempt: number }
  | { readonly type: 'cancel'; readonly taskId: TaskId; readonly attempt: number }
  | { readonly type: 'verdict'; readonly taskId: TaskId; readonly attempt: number };

export interface Sender {
  readonly nodeId: NodeId;
  /** One number per connection: what belongs to an older one is recognised. */
  readonly connection: number;
}

/** A command without its times: the coordinator's clock adds them. */
type Untimed<T> = T extends unknown ? Omit<T, 'at' | 'iso'> : never;
export type UntimedCommand = Untimed<Command>;
