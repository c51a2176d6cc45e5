import type { FarmChange, FarmPatch, FarmSnapshot, JobView } from '@reelmill/protocol';

/** One interface's end of the stream. */
export interface PatchSink {
  snapshot(snapshot: FarmSnapshot): void;
  patch(patch: FarmPatch): void;
}

/** About 256 KiB of JSON: what one message may hold of chunk maps and reports (decision 17, "paged"). */
const rowsPerPage = 2_000;
/** A row of the queue, in rows of about the size of a chunk's. */
const rowsPerJob = 8;
const jobsPerPage = rowsPerPage / rowsPerJob;
/** The facts of a report, in rows of about the size of a chunk's; each fate is one more. */
const factRows = 10;

const isFinal = ({ state }: JobView): boolean => state === 'done' || state === 'failed' || state === 'canceled';

const rowsOf = ({ chunks, reports }: Pick<JobView, 'chunks' | 'reports'>): number =>
  chunks.length + reports.reduce((rows, report) => rows + factRows + report.fates.length, 0);

/** Of one job what one message carries: its reports, and a part of its chunk map. */
interface MapPart {
  readonly jobId: JobView['jobId'];
  readonly reports: JobView['reports'] | null;
  readonly chunks: JobView['chunks'];
}
type Page = readonly MapPart[];

/** The map of a long film is told in parts; its reports come with the first. */
function partsOf({ jobId, reports, chunks }: JobView): MapPart[] {
  const parts: MapPart[] = [{ jobId, reports, chunks: chunks.slice(0, rowsPerPage) }];
  for (let from = rowsPerPage; from < chunks.length; from += rowsPerPage) {
    parts.push({ jobId, reports: null, chunks: chunks.slice(from, from + rowsPerPage) });
  }
  return parts;
}

/** Jobs with a chunk map or a report, those still at work first, cut into pages. */
function mapPages(jobs: readonly JobView[]): Page[] {
  const mapped = jobs.filter((job) => rowsOf(job) > 0);
  const pages: MapPart[][] = [[]];
  let count = 0;
  for (const part of [...mapped.filter((one) => !isFinal(one)), ...mapped.filter(isFinal)].flatMap(partsOf)) {
    const rows = rowsOf({ chunks: part.chunks, reports: part.reports ?? [] });
    if (count > 0 && count + rows > rowsPerPage) {
      pages.push([]);
      count = 0;
    }
    pages.at(-1)?.push(part);
    count += rows;
  }
  return pages;
}

function withMapsOf(jobs: readonly JobView[], shown: Page): JobView[] {
  const known = new Map(shown.map((part) => [part.jobId, part]));
  return jobs.map((job) => {
    const part = known.get(job.jobId);
    return { ...job, chunks: part?.chunks ?? [], reports: part?.reports ?? [] };
  });
}

/** The rows behind the first page, without their maps. */
function jobPages(jobs: readonly JobView[], jobsPerPage: number): FarmChange[][] {
  const pages: FarmChange[][] = [];
  for (let from = jobsPerPage; from < jobs.length; from += jobsPerPage) {
    const rows = withMapsOf(jobs.slice(from, from + jobsPerPage), []);
    pages.push(rows.map((job, place) => ({ kind: 'job-added', job, at: from + place })));
  }
  return pages;
}

const mapChanges = (page: Page): FarmChange[] =>
  page.map(({ jobId, chunks, reports }) => ({
    kind: 'job-changed',
    jobId,
    fields: reports === null ? {} : { reports },
    chunks,
  }));

/** One change as several that are no larger than a page; a row and its map apart. */
function partsOfChange(change: FarmChange): { part: FarmChange; rows: number }[] {
  if (change.kind === 'job-added') {
    const { job } = change;
    const row = { part: { ...change, job: { ...job, chunks: [], reports: [] } }, rows: rowsPerJob };
    if (rowsOf(job) === 0) return [{ ...row, part: change }];
    const maps = partsOf(job).map((map) => ({ map, rows: rowsOf({ chunks: map.chunks, reports: map.reports ?? [] }) }));
    return [row, ...maps.flatMap(({ map, rows }) => mapChanges([map]).map((part) => ({ part, rows })))];
  }
  if (change.kind !== 'job-changed') return [{ part: change, rows: 0 }];
  const { chunks } = change;
  const parts = [
    { part: { ...change, chunks: chunks.slice(0, rowsPerPage) }, rows: Math.min(chunks.length, rowsPerPage) },
  ];
  for (let from = rowsPerPage; from < chunks.length; from += rowsPerPage) {
    const some = chunks.slice(from, from + rowsPerPage);
    parts.push({ part: { ...change, fields: {}, chunks: some }, rows: some.length });
  }
  return parts;
}

/** Many new rows, or a map that is new at once, that of a long film just planned, are told in pages as well. */
function changePages(changes: FarmChange[]): FarmChange[][] {
  const pages: FarmChange[][] = [[]];
  let count = 0;
  for (const { part, rows } of changes.flatMap(partsOfChange)) {
    if (count > 0 && count + rows > rowsPerPage) {
      pages.push([]);
      count = 0;
    }
    pages.at(-1)?.push(part);
    count += rows;
  }
  return pages;
}

export interface PatchStreamOptions {
  /** The reader takes the rows of a long queue in pages; else the snapshot names every job. */
  readonly pagesJobs?: boolean;
  /** Runs something when the reader can take more. */
  later?(run: () => void): void;
}

/**
 * Numbers patches for one interface. The snapshot carries rows, chunk maps and reports up to a page each; the others follow
 * as patches, so one long queue never blocks either side. Live patches wait for the last page.
 */
export class PatchStream {
  readonly #sink: PatchSink;
  readonly #later: (run: () => void) => void;
  readonly #jobsPerPage: number;
  #epoch = '';
  #sequence = 0;
  #round = 0;
  /** Pages to be sent, in order. */
  #line: FarmChange[][] = [];
  /** How many of them belong to the snapshot. */
  #owed = 0;

  constructor(sink: PatchSink, { pagesJobs = false, later = setImmediate }: PatchStreamOptions = {}) {
    this.#sink = sink;
    this.#later = later;
    this.#jobsPerPage = pagesJobs ? jobsPerPage : Number.POSITIVE_INFINITY;
  }

  /** Live patches that wait for the reader. */
  get unread(): number {
    return this.#line.length - this.#owed;
  }

  /** Starts (again) from `snapshot`; what was under way before is dropped. */
  start({ epoch, farm }: FarmSnapshot): void {
    this.#epoch = epoch;
    this.#sequence = 0;
    this.#round += 1;
    const [first = [], ...rest] = mapPages(farm.jobs);
    const rows = farm.jobs.slice(0, this.#jobsPerPage);
    const named = new Set(rows.map(({ jobId }) => jobId));
    const unnamed = first.filter(({ jobId }) => !named.has(jobId));
    const maps = (unnamed.length > 0 ? [unnamed, ...rest] : rest).map(mapChanges);
    this.#line = [...jobPages(farm.jobs, this.#jobsPerPage), ...maps];
    this.#owed = this.#line.length;
    const jobs = this.#owed > 0 ? withMapsOf(rows, first) : farm.jobs;
    this.#sink.snapshot({ epoch, sequence: 0, farm: { ...farm, jobs } });
    if (this.#owed > 0) this.#sendLater();
  }

  push(changes: FarmChange[]): void {
    const wasIdle = this.#line.length === 0;
    this.#line.push(...changePages(changes));
    if (!wasIdle) return;
    this.#sendNext();
    if (this.#line.length > 0) this.#sendLater();
  }

  #sendLater(): void {
    const round = this.#round;
    this.#later(() => {
      if (round !== this.#round) return;
      this.#sendNext();
      if (this.#line.length > 0) this.#sendLater();
    });
  }

  #sendNext(): void {
    const changes = this.#line.shift();
    if (changes === undefined) return;
    this.#owed = Math.max(0, this.#owed - 1);
    this.#sequence += 1;
    this.#sink.patch({ epoch: this.#epoch, sequence: this.#sequence, changes });
  }
}
