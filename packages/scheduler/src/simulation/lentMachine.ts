import type { NodeClosure } from '@reelmill/protocol';
import type { HeldLease } from '../command.ts';
import type { Standing } from './messages.ts';

/** What an agent knows of its machine being lent: who sits at it, what the farm ordered, what it said of both. */
export class LentMachine {
  /** Someone sits at it. */
  inUse: NodeClosure | null = null;
  pausedByFarm = false;
  /** The schedule of the farm's that it follows, and whether it is outside of it. */
  farmHours: string | null = null;
  outsideHours = false;
  private givenBack: HeldLease[] = [];
  private said = 0;
  private heard = 0;

  get closure(): NodeClosure | null {
    const outside = { reason: 'outside-hours' as const, by: 'owner', since: '2026-01-01T00:00:00.000Z', until: null };
    return this.inUse ?? (this.outsideHours ? outside : null);
  }

  get takesWork(): boolean {
    return this.closure === null && !this.pausedByFarm;
  }

  get standing(): Standing {
    const { said, closure, farmHours, givenBack } = this;
    return { said, closure, farmHours, givenBack: [...givenBack] };
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

  /** Another connection: what the farm ordered is told again. */
  forgetFarm(): void {
    Object.assign(this, { pausedByFarm: false, farmHours: null, outsideHours: false });
  }

  /** A new process knows nothing of the last one; what it said still counts less than what it says now. */
  restart(): void {
    Object.assign(this, { inUse: null, givenBack: [] });
    this.forgetFarm();
  }
}
