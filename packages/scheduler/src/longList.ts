/** Items of one run: a change copies one run and the list of runs, never the whole. */
const runLength = 512;

/** Immutable sorted list of which one place is cheap to change, though it has 100,000: it is kept in runs. */
export class LongList<T> implements Iterable<T> {
  private static readonly none = new LongList<never>([], 0);
  private readonly runs: readonly (readonly T[])[];
  readonly length: number;

  private constructor(runs: readonly (readonly T[])[], length: number) {
    this.runs = runs;
    this.length = length;
  }

  static empty<T>(): LongList<T> {
    return LongList.none as unknown as LongList<T>;
  }

  at(index: number): T | undefined {
    let left = index;
    for (const run of this.runs) {
      if (left < run.length) return run[left];
      left -= run.length;
    }
    return undefined;
  }

  /** A list with the item where it belongs; `isBefore` tells of each item of the list whether it precedes the new one. */
  insert(item: T, isBefore: (one: T) => boolean): LongList<T> {
    const [number, place] = this.placeOf(isBefore);
    const run = (this.runs[number] ?? []).toSpliced(place, 0, item);
    const parts = run.length <= runLength ? [run] : [run.slice(0, runLength / 2), run.slice(runLength / 2)];
    return new LongList(this.runs.toSpliced(number, 1, ...parts), this.length + 1);
  }

  /** A list without the item that none precedes but those of which `isBefore` says so. */
  remove(isBefore: (one: T) => boolean): LongList<T> {
    const [number, place] = this.placeOf(isBefore);
    const run = this.runs[number]?.toSpliced(place, 1) ?? [];
    return new LongList(this.runs.toSpliced(number, 1, ...(run.length > 0 ? [run] : [])), this.length - 1);
  }

  *[Symbol.iterator](): Generator<T, undefined, unknown> {
    for (const run of this.runs) yield* run;
    return undefined;
  }

  toJSON(): T[] {
    return [...this];
  }

  /** Run, and place in it, of the first item that is not before; the end of the last run where all are. */
  private placeOf(isBefore: (one: T) => boolean): [run: number, place: number] {
    const found = firstIndex(this.runs.length, (index) => !isBefore(this.runs[index]?.at(-1) as T));
    const number = Math.max(0, Math.min(found, this.runs.length - 1));
    const run = this.runs[number] ?? [];
    return [number, firstIndex(run.length, (index) => !isBefore(run[index] as T))];
  }
}

/** The first index of which it is true; `length` where there is none. It is true of all behind it. */
function firstIndex(length: number, isTrue: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
