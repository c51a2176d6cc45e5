import type { DurableEvent } from '../model.ts';
import type { Random } from './random.ts';

/** Events appended together, and what may happen only once they are on disk. */
interface Batch {
  readonly events: readonly DurableEvent[];
  readonly thenDo: () => void;
}

/** Survives the coordinator's process; what was not synced when it died is lost from some batch on. */
export class SimulatedJournal {
  private readonly synced: DurableEvent[] = [];
  private pending: Batch[] = [];

  append(batch: Batch): void {
    this.pending.push(batch);
  }

  get isSynced(): boolean {
    return this.pending.length === 0;
  }

  /** fsync returned: everything appended so far is on disk. */
  sync(): void {
    const batches = this.pending;
    this.pending = [];
    for (const { events } of batches) this.synced.push(...events);
    for (const { thenDo } of batches) thenDo();
  }

  /** The process died: a prefix of the open batches reached the disk, their consequences never happened. */
  crash(random: Random): void {
    const survivors = random.whole(0, this.pending.length);
    for (const { events } of this.pending.slice(0, survivors)) this.synced.push(...events);
    this.pending = [];
  }

  /** What a new process reads. JSON, as on disk: what does not survive it must not be in an event. */
  read(): DurableEvent[] {
    return JSON.parse(JSON.stringify(this.synced)) as DurableEvent[];
  }

  /** Everything appended, on disk or not: what the state in memory is made of. */
  all(): DurableEvent[] {
    return [...this.synced, ...this.pending.flatMap((batch) => batch.events)];
  }
}
