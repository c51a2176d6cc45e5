import type { NodeClosure } from '@reelmill/protocol';
import type { HeldLease } from '../command.ts';
import type { Standing } from './messages.ts';

/** What an agent knows of its machine being lent: who sits at it, what the farm ordered, what it said of both. */
export class LentMachine {
  /** Someone sits at it. */
  closure: NodeClosure | null = null;
  pausedByFarm = false;
  private givenBack: HeldLease[] = [];
  private said = 0;
  private heard = 0;

  get takesWork(): boolean {
    return this.closure === null && !this.pausedByFarm;
  }

  get standing(): Standing {
    const { said, closure, givenBack } = this;
    return { said, closure, givenBack: [...givenBack] };
  }

  gaveBack(lease: HeldLease): void {
    this.givenBack.push(lease);
  }

  /** Something new is to be said; returns whether it still is. */
  says(): () => boolean {
    this.said += 1;
    const { said } = this;
    return () => this.said === said && this.heard < said;
  }

  wasHeard(said: number): void {
    this.heard = Math.max(this.heard, said);
  }

  /** A new process knows nothing of the last one; what it said still counts less than what it says now. */
  restart(): void {
    Object.assign(this, { closure: null, pausedByFarm: false, givenBack: [] });
  }
}
