import { FarmError } from '@reelmill/protocol';

export interface IntakeLimits {
  /** Jobs not at their end: each costs memory until it is done. */
  readonly openJobs: number;
  /** Submissions that are read and journaled at the same time: each looks at files. */
  readonly submissionsAtOnce: number;
  /** Submissions that may wait for their turn. */
  readonly submissionsWaiting: number;
}

/** docs/limits.md says what saturates first. */
export const defaultIntakeLimits: IntakeLimits = {
  openJobs: 100_000,
  submissionsAtOnce: 8,
  submissionsWaiting: 2_000,
};

/** A queue that is full moves by whole jobs, a line of submissions by milliseconds. */
const retryAfterSeconds = { fullQueue: 30, longLine: 2 } as const;

/**
 * Admits submissions: some at once, the next wait in line, and what is beyond is refused with QUEUE_FULL before anything
 * is looked at, so that a flood costs its sender time and nobody a job. Throws QUEUE_FULL with `retryAfterSeconds`.
 */
export class IntakeGate {
  readonly #limits: IntakeLimits;
  readonly #openJobs: () => number;
  readonly #assertOpen: () => Promise<void>;
  readonly #line: (() => void)[] = [];
  #running = 0;

  /** @param assertOpen throws where nothing is taken now, whoever comes */
  constructor(openJobs: () => number, limits = defaultIntakeLimits, assertOpen: () => Promise<void> = async () => {}) {
    this.#openJobs = openJobs;
    this.#assertOpen = assertOpen;
    this.#limits = limits;
  }

  async admit<T>(submit: () => Promise<T>): Promise<T> {
    this.#assertRoom();
    await this.#turn();
    try {
      this.#assertRoom();
      await this.#assertOpen();
      return await submit();
    } finally {
      this.#running -= 1;
      this.#line.shift()?.();
    }
  }

  #assertRoom(): void {
    const openJobs = this.#openJobs();
    if (openJobs < this.#limits.openJobs) return;
    throw new FarmError('QUEUE_FULL', {
      message: `The queue holds ${openJobs} jobs that are not done, as many as it may.`,
      details: { openJobs, retryAfterSeconds: retryAfterSeconds.fullQueue },
    });
  }

  #turn(): Promise<void> {
    if (this.#running < this.#limits.submissionsAtOnce) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#line.length >= this.#limits.submissionsWaiting) {
      const details = { waiting: this.#line.length, retryAfterSeconds: retryAfterSeconds.longLine };
      throw new FarmError('QUEUE_FULL', { message: 'Too many submissions wait to be read.', details });
    }
    return new Promise((resolve) => {
      this.#line.push(() => {
        this.#running += 1;
        resolve();
      });
    });
  }
}
