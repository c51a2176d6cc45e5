import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mapLimited } from '../intake/mapLimited.ts';
import { type Content, fileStableMs, isStable, looked, type Sighting, sequenceStableMs } from './sighting.ts';
import type { Unit } from './units.ts';

/** Looks of one round, so that it is short however much a folder holds. */
const looksPerRound = 2_000;
/** A quarter of these is kept for files that were quiet, while others change. */
const quietPart = 0.25;
const looksAtOnce = 16;

export interface UnitSight extends Content {
  readonly stable: boolean;
}

/** What is known of the files of one watched folder by looking at them, a bounded number in each round. */
export class FileLooks {
  readonly #root: string;
  readonly #nowMs: () => number;
  readonly #most: number;
  #sightings = new Map<string, Sighting>();
  #turn = { restless: 0, quiet: 0 };

  constructor(root: string, nowMs: () => number, most = looksPerRound) {
    this.#root = root;
    this.#most = most;
    this.#nowMs = nowMs;
  }

  /** One round: files that are new or changed of late first, then the next of the quiet ones. */
  async look(files: readonly string[]): Promise<void> {
    const sightings = new Map<string, Sighting>();
    const restless: string[] = [];
    const quiet: string[] = [];
    for (const file of files) {
      const known = this.#sightings.get(file);
      if (known !== undefined) sightings.set(file, known);
      (known !== undefined && isStable(known, fileStableMs) ? quiet : restless).push(file);
    }
    this.#sightings = sightings;
    const first = this.#next(
      'restless',
      restless,
      this.#most - Math.min(Math.floor(quietPart * this.#most), quiet.length),
    );
    const then = this.#next('quiet', quiet, this.#most - first.length);
    await this.lookAgain([...first, ...then]);
  }

  /** At these files once more, whatever their turn. */
  async lookAgain(files: readonly string[]): Promise<void> {
    await mapLimited(files, looksAtOnce, (file) => this.#lookAt(file));
  }

  /** Of all its members together; null as long as one of them was not looked at. */
  sightOf({ members, frames }: Unit): UnitSight | null {
    const stableMs = frames === null ? fileStableMs : sequenceStableMs;
    let sizeBytes = 0;
    let newest = 0n;
    let stable = true;
    for (const member of members) {
      const sighting = this.#sightings.get(member);
      if (sighting === undefined) return null;
      const mtimeNs = BigInt(sighting.sight.mtimeNs);
      sizeBytes += sighting.sight.sizeBytes;
      if (mtimeNs > newest) newest = mtimeNs;
      stable &&= isStable(sighting, stableMs);
    }
    return { sizeBytes, mtimeNs: String(newest), stable };
  }

  /** Where more of a kind are there than a round takes, the next round goes on behind them. */
  #next(kind: 'restless' | 'quiet', files: readonly string[], most: number): readonly string[] {
    if (files.length <= most) {
      this.#turn[kind] = 0;
      return files;
    }
    const from = this.#turn[kind] % files.length;
    this.#turn[kind] = from + most;
    return [...files.slice(from, from + most), ...files.slice(0, Math.max(0, from + most - files.length))];
  }

  async #lookAt(file: string): Promise<void> {
    const startedMs = this.#nowMs();
    const found = await stat(join(this.#root, file), { bigint: true }).catch(() => null); // gone, or not for us: not seen
    if (!found?.isFile()) {
      this.#sightings.delete(file);
      return;
    }
    const sight = { sizeBytes: Number(found.size), mtimeNs: String(found.mtimeNs), inode: String(found.ino) };
    const times = { startedMs, endedMs: this.#nowMs() };
    this.#sightings.set(file, looked(this.#sightings.get(file), sight, times));
  }
}
