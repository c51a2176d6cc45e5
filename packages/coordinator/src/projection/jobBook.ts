import type { FarmChange, JobId, JobView } from '@reelmill/protocol';
import { compareJobs, type JobRecord, type SchedulerState, sortedPosition } from '@reelmill/scheduler';
import { jobChanges } from './jobChanges.ts';

/** One job of the queue as it was last shown. */
interface Row {
  readonly jobId: JobId;
  /** The record that decided its place. */
  place: JobRecord;
  view: JobView;
}

export interface QueueBuild {
  /** In queue order; the same list as long as nothing changed. */
  readonly jobs: JobView[];
  /** What turns the list of the build before into this one. */
  readonly changes: FarmChange[];
  /** Jobs that are not in the list yet: the next builds bring them. */
  readonly toCome: number;
}

interface Building {
  readonly state: SchedulerState;
  /** Most jobs of the backlog that this build brings. */
  readonly atMost: number;
  viewOf(record: JobRecord): JobView;
}

/** Numbers of a moving job change by time alone: often enough for decision 25. */
const refreshEveryMs = 1_000;

/** Its numbers move without any event: at least its elapsed seconds (decision 25), and a deadline comes nearer. */
const isMoving = ({ state, deadline }: JobView): boolean =>
  state === 'preparing' || state === 'encoding' || state === 'finishing' || (state === 'queued' && deadline !== null);

const lastFirst = (jobs: Iterable<JobRecord>): JobId[] =>
  [...jobs].sort((left, right) => compareJobs(right, left)).map(({ jobId }) => jobId);

/** Views of the queue: only jobs that something touched are built again, and only those are compared. */
export class JobBook {
  readonly #rows = new Map<JobId, Row>();
  readonly #touched = new Set<JobId>();
  readonly #placed = new Set<JobId>();
  readonly #moving = new Set<JobId>();
  /** Jobs that were there before anybody looked, the first of the queue last; null: not sorted yet. */
  #backlog: JobId[] | null = null;
  #order: Row[] = [];
  #jobs: JobView[] = [];
  #refreshedAtMs = Number.NEGATIVE_INFINITY;

  /** Something of the job changed. */
  touch(jobId: JobId): void {
    if (this.#backlog !== null) this.#touched.add(jobId);
  }

  /** The job came, went, or has another place among the others. */
  place(jobId: JobId): void {
    if (this.#backlog !== null) this.#placed.add(jobId);
  }

  build(building: Building, nowMs: number): QueueBuild {
    this.#backlog ??= lastFirst(building.state.jobs.values());
    const changes = [...this.#replace(building), ...this.#enterBacklog(building), ...this.#renew(building, nowMs)];
    this.#placed.clear();
    this.#touched.clear();
    if (changes.length > 0) this.#jobs = this.#order.map(({ view }) => view);
    return { jobs: this.#jobs, changes, toCome: this.#backlog.length };
  }

  /** In queue order, so that what people look at first is there first. */
  #enterBacklog({ state, viewOf, atMost }: Building): FarmChange[] {
    const changes: FarmChange[] = [];
    const backlog = this.#backlog ?? [];
    while (backlog.length > 0 && changes.length < atMost) {
      const jobId = backlog.pop() as JobId;
      const record = state.jobs.get(jobId);
      // gone meanwhile, off the list, or moved, and there already
      const isShown = record?.discarded === undefined && !this.#rows.has(jobId);
      if (record !== undefined && isShown) changes.push(this.#enter(record, viewOf(record)));
    }
    return changes;
  }

  /** Takes off and puts in, in the order in which a replica can follow by position. */
  #replace({ state, viewOf, atMost }: Building): FarmChange[] {
    const removed: FarmChange[] = [];
    const entering: JobRecord[] = [];
    for (const jobId of this.#placed) {
      const row = this.#rows.get(jobId);
      const known = state.jobs.get(jobId);
      const record = known?.discarded === undefined ? known : undefined;
      if (row !== undefined && record !== undefined && this.#stays(row, record)) {
        row.place = record;
        this.#touched.add(jobId);
        continue;
      }
      if (row !== undefined) removed.push(this.#takeOff(row));
      if (record !== undefined) entering.push(record);
    }
    if (entering.length > atMost) {
      const waiting = (this.#backlog ?? []).flatMap((jobId) => state.jobs.get(jobId) ?? []);
      this.#backlog = lastFirst([...waiting, ...entering]);
      return removed;
    }
    return [...removed, ...entering.sort(compareJobs).map((record) => this.#enter(record, viewOf(record)))];
  }

  /** Whether the job is still between its neighbours. */
  #stays(row: Row, record: JobRecord): boolean {
    const at = this.#placeOf(row.place);
    const [before, after] = [this.#order[at - 1], this.#order[at + 1]];
    const isBehind = before === undefined || compareJobs(before.place, record) < 0;
    return isBehind && (after === undefined || compareJobs(record, after.place) < 0);
  }

  #takeOff(row: Row): FarmChange {
    this.#order.splice(this.#placeOf(row.place), 1);
    this.#rows.delete(row.jobId);
    this.#moving.delete(row.jobId);
    return { kind: 'job-removed', jobId: row.jobId };
  }

  #enter(place: JobRecord, view: JobView): FarmChange {
    const { jobId } = place;
    const row = { jobId, place, view };
    const at = this.#placeOf(place);
    this.#order.splice(at, 0, row);
    this.#rows.set(jobId, row);
    this.#show(row, view);
    this.#touched.delete(jobId);
    return { kind: 'job-added', job: view, at };
  }

  #renew({ state, viewOf }: Building, nowMs: number): FarmChange[] {
    if (nowMs - this.#refreshedAtMs >= refreshEveryMs) {
      this.#refreshedAtMs = nowMs;
      for (const jobId of this.#moving) this.#touched.add(jobId);
    }
    const changes: FarmChange[] = [];
    for (const jobId of this.#touched) {
      const row = this.#rows.get(jobId);
      const record = state.jobs.get(jobId);
      if (row === undefined || record === undefined) continue;
      const view = viewOf(record);
      const told = jobChanges(row.view, view, () => this.#placeOf(row.place));
      if (told.length === 0) continue;
      changes.push(...told);
      this.#show(row, view);
    }
    return changes;
  }

  #show(row: Row, view: JobView): void {
    row.view = view;
    if (isMoving(view)) this.#moving.add(row.jobId);
    else this.#moving.delete(row.jobId);
  }

  #placeOf(place: JobRecord): number {
    return sortedPosition<Pick<Row, 'place'>>(this.#order, { place }, (left, right) =>
      compareJobs(left.place, right.place),
    );
  }
}
