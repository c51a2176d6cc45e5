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

const rowsOf = ({ chunks, reports }: JobView): number =>
  chunks.length + reports.reduce((rows, report) => rows + factRows + report.fates.length, 0);

/** Jobs with a chunk map or a report, those still at work first, cut into pages; one huge map is a page of its own. */
function mapPages(jobs: readonly JobView[]): JobView[][] {
  const mapped = jobs.filter((job) => rowsOf(job) > 0);
  const pages: JobView[][] = [[]];
  let count = 0;
  for (const job of [...mapped.filter((one) => !isFinal(one)), ...mapped.filter(isFinal)]) {
    if (count > 0 && count + rowsOf(job) > rowsPerPage) {
      pages.push([]);
      count = 0;
    }
    pages.at(-1)?.push(job);
    count += rowsOf(job);
  }
  return pages;
}

const withMapsOf = (farm: FarmView, shown: readonly JobView[]): FarmView => {
  const whole = new Set(shown);
  return { ...farm, jobs: farm.jobs.map((job) => (whole.has(job) ? job : { ...job, chunks: [], reports: [] })) };
};

const mapChanges = (page: readonly JobView[]): FarmChange[] =>
  page.map(({ jobId, chunks, reports }) => ({ kind: 'job-changed', jobId, fields: { reports }, chunks }));

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
    if (this.#paging) this.#waiting.push(changes);
    else this.#send(changes);
  }

  #send(changes: FarmChange[]): void {
    this.#sequence += 1;
    this.#sink.patch({ epoch: this.#epoch, sequence: this.#sequence, changes });
  }

  #sendPages(pages: JobView[][], round: number): void {
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
