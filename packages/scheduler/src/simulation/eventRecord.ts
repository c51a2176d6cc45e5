import type { SchedulerEvent } from '../event.ts';

const mix = (hash: number, value: number, prime: number): number => Math.imul(hash ^ value, prime);

/**
 * What was decided in one run, in order, as one number: the same seed must give the same number on every machine.
 * Two lanes of FNV-1a (public domain) over time, kind, task, attempt, node and times of every event.
 */
export class EventRecord {
  private low = 0x811c9dc5;
  private high = 0x9e3779b9;
  private readonly trace: ((line: string) => void) | null;

  /** `trace` gets every line that `note` and `add` know. */
  constructor(trace: ((line: string) => void) | null) {
    this.trace = trace;
  }

  add(now: number, event: SchedulerEvent): void {
    const text = `${now.toFixed(3)} ${summary(event)}`;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      this.low = mix(this.low, code, 0x01000193);
      this.high = mix(this.high, code, 0x85ebca6b);
    }
    this.trace?.(text);
  }

  /** Something that is not decided but explains what is: shown, not hashed. */
  note(now: number, text: () => string): void {
    this.trace?.(`${now.toFixed(3)}   · ${text()}`);
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    return [this.high, this.low].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}

function summary(event: SchedulerEvent): string {
  const { type, taskId, jobId, attempt, nodeId, reason, error, expiresAt, notBefore, at } = event as Fields;
  const times = expiresAt ?? notBefore ?? at;
  return [type, taskId ?? jobId, attempt && `#${attempt}`, nodeId, reason, error?.code, times?.toFixed(0)]
    .filter((part) => part !== undefined)
    .join(' ');
}

interface Fields {
  readonly type: string;
  readonly taskId?: string;
  readonly jobId?: string;
  readonly attempt?: number;
  readonly nodeId?: string;
  readonly reason?: string;
  readonly error?: { readonly code: string } | null;
  readonly expiresAt?: number;
  readonly notBefore?: number;
  readonly at?: number;
}
