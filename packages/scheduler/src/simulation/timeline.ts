interface Entry {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
}

const precedes = (left: Entry, right: Entry): boolean =>
  left.at < right.at || (left.at === right.at && left.order < right.order);

/** The virtual clock: a binary heap of what happens when. Things of the same moment happen in the order they were set. */
export class Timeline {
  private readonly heap: Entry[] = [];
  private nextOrder = 0;
  /** Virtual milliseconds since the start. */
  now = 0;
  steps = 0;

  after(milliseconds: number, action: () => void): void {
    const entry: Entry = { at: this.now + Math.max(0, milliseconds), order: this.nextOrder, action };
    this.nextOrder += 1;
    let place = this.heap.push(entry) - 1;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      const above = this.heap[parent];
      if (above === undefined || !precedes(entry, above)) break;
      this.heap[place] = above;
      place = parent;
    }
    this.heap[place] = entry;
  }

  /** Runs until the time is reached, nothing is left, or `stop` says so after a step. */
  run(until: number, stop: () => boolean): void {
    for (let entry = this.heap[0]; entry !== undefined && entry.at <= until; entry = this.heap[0]) {
      this.dropFirst();
      this.now = entry.at;
      this.steps += 1;
      entry.action();
      if (stop()) return;
    }
    this.now = until;
  }

  private dropFirst(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      const [left, right] = [this.heap[child], this.heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && precedes(right, left)) child += 1;
      const smaller = this.heap[child] as Entry;
      if (!precedes(smaller, last)) break;
      this.heap[place] = smaller;
      place = child;
    }
    this.heap[place] = last;
  }
}
