import type { CpuBack, FarmError, LeaseKey, NodeClosure, TaskOffer } from '@reelmill/protocol';

/** What an agent tells the one who started it. */
export type LifecycleEvent =
  | { readonly type: 'agent'; readonly nodeId: string; readonly name: string }
  | { readonly type: 'joined'; readonly coordinatorId: string; readonly coordinatorName: string; readonly url: string }
  | (LeaseKey & { readonly type: 'task'; readonly event: 'start'; readonly kind: TaskOffer['kind'] })
  | (LeaseKey & {
      readonly type: 'task';
      readonly event: 'end';
      readonly outcome: 'completed' | 'failed' | 'stopped';
      readonly verdict: string | null;
    })
  /** Whether this machine is lent just now: by its own word, and by the farm's. */
  | { readonly type: 'standing'; readonly closure: NodeClosure | null; readonly pausedByFarm: boolean }
  | (CpuBack & { readonly type: 'cpu-back' })
  | { readonly type: 'disconnected'; readonly reason: string }
  | { readonly type: 'error'; readonly code: string; readonly cause: string; readonly fix: string }
  | { readonly type: 'left' };

export type LifecyclePrinter = (event: LifecycleEvent) => void;

export const errorEvent = (error: FarmError): LifecycleEvent => {
  const { code, cause, fix } = error.toData();
  return { type: 'error', code, cause, fix };
};

/** NDJSON on stdout for programs, sentences for people. */
export const lifecyclePrinter = (json: boolean): LifecyclePrinter =>
  json ? (event) => void process.stdout.write(`${JSON.stringify(event)}\n`) : printSentence;

function printSentence(event: LifecycleEvent): void {
  if (event.type === 'error') return void process.stderr.write(errorText(event));
  const sentence = sentenceOf(event);
  if (sentence !== null) process.stdout.write(`${sentence}\n`);
}

export const errorText = ({ code, cause, fix }: { code: string; cause: string; fix: string }): string =>
  `error  ${code}\ncause  ${cause}\nfix    ${fix}\n`;

function sentenceOf(event: Exclude<LifecycleEvent, { type: 'error' }>): string | null {
  switch (event.type) {
    case 'agent':
      return `node ${event.name} (${event.nodeId})`;
    case 'joined':
      return `joined ${event.coordinatorName} at ${event.url}`;
    case 'task':
      if (event.event === 'start') return `▸ ${event.taskId} attempt ${event.attempt}`;
      return `${event.outcome === 'completed' ? '✓' : '×'} ${event.taskId} ${event.verdict ?? event.outcome}`;
    case 'standing':
      return standingText(event);
    case 'cpu-back':
      return `the processor is free after ${(event.milliseconds / 1000).toFixed(2)} s`;
    case 'disconnected':
      return `connection lost (${event.reason}); dialling again`;
    case 'left':
      return 'left';
  }
}

function standingText({ closure, pausedByFarm }: Extract<LifecycleEvent, { type: 'standing' }>): string {
  if (closure === null) return pausedByFarm ? 'paused by the farm' : 'takes work';
  if (closure.reason === 'paused') return `paused here by ${closure.by ?? 'someone'}`;
  if (closure.reason === 'in-use') return 'in use by someone: takes nothing new';
  return closure.by === null
    ? 'outside its hours: takes nothing new'
    : `outside the hours that ${closure.by} set at the farm: takes nothing new`;
}
