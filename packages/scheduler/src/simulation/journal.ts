import type { DurableEvent } from '../event.ts';
import type { Random } from './random.ts';

/**
 * Survives the coordinator's process. What a sync acknowledged stays; of what was being appended at the death, the disk
 * may hold nothing, all, or only the first events (a torn tail is cut at its last good event).
 */
export class SimulatedJournal {
  private readonly synced: DurableEvent[] = [];
  private appending: readonly DurableEvent[] = [];

  /** Events on the disk. */
  get length(): number {
    return this.synced.length;
  }

  append(events: readonly DurableEvent[]): void {
    this.appending = events;
  }

  /** fsync returned. */
  sync(): void {
    this.keep(this.appending.length);
  }

  /** The process died: what was being appended may have reached the disk, but nobody acted on it. */
  crash(random: Random): void {
    const count = this.appending.length;
    this.keep(random.pick([0, count, random.whole(0, count)]));
  }

  /** As `crash`, with so many of the events under way on the disk. */
  keep(count: number): void {
    this.synced.push(...this.appending.slice(0, count));
    this.appending = [];
  }

  /** What a new process reads. JSON, as on disk: what does not survive it must not be in an event. */
  read(): DurableEvent[] {
    return JSON.parse(JSON.stringify(this.synced)) as DurableEvent[];
  }
}
