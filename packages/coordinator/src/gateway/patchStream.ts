import type { FarmChange, FarmPatch, FarmSnapshot, JobView } from '@reelmill/protocol';

/** One interface's end of the stream. */
export interface PatchSink {
  snapshot(snapshot: FarmSnapshot): void;
  patch(patch: FarmPatch): void;
}

/** Rough weights, in bytes of JSON, to cut a long queue into pages (decision 17). */
const jobWeight = 800;
const chunkWeight = 130;
const pageWeight = 256 * 1024;

/** Jobs in order, cut so that one page stays around 256 KiB; a single huge job is a page of its own. */
export function pagesOf(jobs: readonly JobView[]): JobView[][] {
  const pages: JobView[][] = [];
  let page: JobView[] = [];
  let weight = 0;
  for (const job of jobs) {
    const added = jobWeight + chunkWeight * job.chunks.length;
    if (page.length > 0 && weight + added > pageWeight) {
      pages.push(page);
      page = [];
      weight = 0;
    }
    page.push(job);
    weight += added;
  }
  return page.length > 0 || pages.length === 0 ? [...pages, page] : pages;
}

/**
 * Numbers patches for one interface. The snapshot carries the first page of jobs, further pages follow as patches that
 * add jobs, so one long queue never blocks either side; live patches wait until the last page is out.
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
    const [first = [], ...rest] = pagesOf(farm.jobs);
    this.#paging = rest.length > 0;
    this.#sink.snapshot({ epoch, sequence: 0, farm: { ...farm, jobs: first } });
    this.#sendPages(rest, { at: first.length, round: this.#round });
  }

  push(changes: FarmChange[]): void {
    if (this.#paging) this.#waiting.push(changes);
    else this.#send(changes);
  }

  #send(changes: FarmChange[]): void {
    this.#sequence += 1;
    this.#sink.patch({ epoch: this.#epoch, sequence: this.#sequence, changes });
  }

  #sendPages(pages: JobView[][], place: { at: number; round: number }): void {
    const [page, ...rest] = pages;
    if (page === undefined) return;
    this.#later(() => {
      if (place.round !== this.#round) return;
      this.#send(page.map((job, offset) => ({ kind: 'job-added', job, at: place.at + offset })));
      if (rest.length === 0) this.#endPaging();
      else this.#sendPages(rest, { at: place.at + page.length, round: place.round });
    });
  }

  #endPaging(): void {
    this.#paging = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const changes of waiting) this.#send(changes);
  }
}
