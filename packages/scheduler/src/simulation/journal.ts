import type { DurableEvent } from '../model.ts';
import type { Random } from './random.ts';

/** Survives the coordinator's process. One append is one transaction: wholly on disk or not at all. */
export class SimulatedJournal {
  private readonly synced: DurableEvent[] = [];
  private appending: readonly DurableEvent[] = [];

  append(events: readonly DurableEvent[]): void {
    this.appending = events;
  }

  /** fsync returned. */
  sync(): void {
    this.synced.push(...this.appending);
    this.appending = [];
  }

  /** The process died: what was being appended may have reached the disk, but nobody acted on it. */
  crash(random: Random): void {
    if (random.chance(0.5)) this.sync();
    this.appending = [];
  }

  /** What a new process reads. JSON, as on disk: what does not survive it must not be in an event. */
  read(): DurableEvent[] {
    return JSON.parse(JSON.stringify(this.synced)) as DurableEvent[];
  }
}
