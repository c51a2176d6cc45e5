import type { TaskId } from '@reelmill/protocol';
import type { Random } from './random.ts';

/** What goes wrong with an upload; each a probability. */
export interface StoreFaults {
  /** Nothing is stored, and the writer hears so. */
  refuses: number;
  /** It is stored, but the answer comes too late: the writer believes that it is not. */
  answersLate: number;
  /** It is stored with a flipped bit. */
  flips: number;
  /** The answer takes half a minute; whether bytes move meanwhile is another question. */
  hangs: number;
}

const flipped = (content: string): string => `${content}~`;

/** Where the accepted result of a task lies. */
export const acceptedKey = (taskId: TaskId): string => `accepted/${taskId}`;

/** Objects by key. A content is its own hash. */
export class SimulatedStore {
  readonly faults: StoreFaults;
  private readonly objects = new Map<string, string>();
  private readonly random: Random;
  private readonly patience: Random;
  /** Answers nobody. */
  down = false;

  /** `patience`: draws of their own, so that older seeds stay what they were. */
  constructor(random: Random, faults: StoreFaults, patience: Random) {
    this.random = random;
    this.patience = patience;
    this.faults = faults;
  }

  /** How long the next writer waits for its answer beyond the usual, and whether its bytes move; null: not at all. */
  hang(): { readonly milliseconds: number; readonly moves: boolean } | null {
    if (!this.patience.chance(this.faults.hangs)) return null;
    return { milliseconds: this.patience.between(12_000, 40_000), moves: this.patience.chance(0.4) };
  }

  /** True: the writer was told that it is stored. */
  put(key: string, content: string): boolean {
    if (this.down || this.random.chance(this.faults.refuses)) return false;
    this.objects.set(key, this.random.chance(this.faults.flips) ? flipped(content) : content);
    return !this.random.chance(this.faults.answersLate);
  }

  get(key: string): string | undefined {
    return this.objects.get(key);
  }

  /** Copies within the store; whatever lay there gives way. */
  promote(from: string, to: string): void {
    const content = this.objects.get(from);
    if (content === undefined) return;
    this.objects.set(to, content);
    this.objects.delete(from);
  }

  /** One accepted object, drawn by the seed, loses a bit on the disk. */
  rot(): void {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith('accepted/'));
    if (keys.length === 0) return;
    const key = this.random.pick(keys);
    this.objects.set(key, flipped(this.objects.get(key) ?? ''));
  }
}
