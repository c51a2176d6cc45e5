import type { FarmChange, FarmPatch, FarmSnapshot, FarmView, JobView } from '@reelmill/protocol';

/** One interface's end of the stream. */
export interface PatchSink {
  snapshot(snapshot: FarmSnapshot): void;
  patch(patch: FarmPatch): void;
}

/** About 256 KiB of JSON: what one message may hold of chunk maps and reports (decision 17, "paged"). */
const rowsPerPage = 2_000;
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

function withMapsOf(farm: FarmView, shown: Page): FarmView {
  const known = new Map(shown.map((part) => [part.jobId, part]));
  const jobs = farm.jobs.map((job) => {
    const part = known.get(job.jobId);
    return { ...job, chunks: part?.chunks ?? [], reports: part?.reports ?? [] };
  });
  return { ...farm, jobs };
}

const mapChanges = (page: Page): FarmChange[] =>
  page.map(({ jobId, chunks, reports }) => ({
    kind: 'job-changed',
    jobId,
    fields: reports === null ? {} : { reports },
    chunks,
  }));

/** A map that is new at once, that of a long film just planned, is told in parts as well. */
function changePages(changes: FarmChange[]): FarmChange[][] {
  const pages: FarmChange[][] = [[]];
  for (const change of changes) {
    if (change.kind !== 'job-changed' || change.chunks.length <= rowsPerPage) {
      pages.at(-1)?.push(change);
      continue;
    }
    pages.at(-1)?.push({ ...change, chunks: change.chunks.slice(0, rowsPerPage) });
    for (let from = rowsPerPage; from < change.chunks.length; from += rowsPerPage) {
      pages.push([{ ...change, fields: {}, chunks: change.chunks.slice(from, from + rowsPerPage) }]);
    }
  }
  return pages;
}

/**
 * Numbers patches for one interface. The snapshot names every job, but carries chunk maps and reports only up to a page; the
 * others follow at once as patches, so one long queue never blocks either side. Live patches wait for the last page.
 */
export class PatchStream {
  readonly #sink: PatchSink;
  readonly #later: (run: () => void) => void;
  #epoch = '';
  #sequence = 0;
  #round = 0;
  #paging = false;
  #waiting: FarmChange[][] = [];

  constructor(sink: PatchSink, later: (run: () => void) => void = setImmediate) {
    this.#sink = sink;
    this.#later = later;
  }

  /** Starts (again) from `snapshot`; what was under way before is dropped. */
  start({ epoch, farm }: FarmSnapshot): void {
    this.#epoch = epoch;
    this.#sequence = 0;
    this.#round += 1;
    this.#waiting = [];
    const [first = [], ...rest] = mapPages(farm.jobs);
    this.#paging = rest.length > 0;
    this.#sink.snapshot({ epoch, sequence: 0, farm: rest.length > 0 ? withMapsOf(farm, first) : farm });
    this.#sendPages(rest, this.#round);
  }

  push(changes: FarmChange[]): void {
    for (const page of changePages(changes)) {
      if (this.#paging) this.#waiting.push(page);
      else this.#send(page);
    }
  }

  #send(changes: FarmChange[]): void {
    this.#sequence += 1;
    this.#sink.patch({ epoch: this.#epoch, sequence: this.#sequence, changes });
  }

  #sendPages(pages: readonly Page[], round: number): void {
    const [page, ...rest] = pages;
    if (page === undefined) return;
    this.#later(() => {
      if (round !== this.#round) return;
      this.#send(mapChanges(page));
      if (rest.length === 0) this.#endPaging();
      else this.#sendPages(rest, round);
    });
  }

  #endPaging(): void {
    this.#paging = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const changes of waiting) this.#send(changes);
  }
}
