import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/**
 * A process that can be killed (what it planned never happens) and stopped (what it planned, and what arrives
 * meanwhile, happens when it goes on).
 */
export class SimulatedProcess {
  protected readonly timeline: Timeline;
  protected readonly random: Random;
  private life = 0;
  private readonly waiting: { readonly action: () => void; readonly isTimer: boolean }[] = [];
  private stoppedAt = 0;
  alive = false;
  paused = false;

  constructor(timeline: Timeline, random: Random) {
    this.timeline = timeline;
    this.random = random;
  }

  /** Its own timer: dies with it. */
  protected later(milliseconds: number, action: () => void): void {
    const { life } = this;
    this.timeline.after(milliseconds, () => {
      if (life === this.life) this.act(action, true);
    });
  }

  /** Something arrives from outside. */
  protected arrives(action: () => void): void {
    this.act(action, false);
  }

  private act(action: () => void, isTimer: boolean): void {
    if (!this.alive) return;
    if (this.paused) this.waiting.push({ action, isTimer });
    else action();
  }

  protected begin(): void {
    this.life += 1;
    this.alive = true;
    this.paused = false;
  }

  kill(): void {
    this.life += 1;
    this.alive = false;
    this.paused = false;
    this.waiting.length = 0;
  }

  pause(): void {
    if (!this.alive || this.paused) return;
    this.paused = true;
    this.stoppedAt = this.timeline.now;
  }

  /** After a short stop messages come before timers (a host's duty); after a long one in any order. */
  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    const { life } = this;
    const backlog = this.waiting.splice(0);
    const long = this.timeline.now - this.stoppedAt > 5000;
    const timersFirst = long && this.random.chance(0.7);
    const rank = (isTimer: boolean) => (isTimer === timersFirst ? 0 : 1);
    backlog.sort((left, right) => rank(left.isTimer) - rank(right.isTimer));
    for (const { action } of backlog) if (life === this.life) this.act(action, false);
  }
}
