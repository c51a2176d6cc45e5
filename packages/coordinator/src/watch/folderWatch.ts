import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FarmError, type JobId, toFarmError, type WatchFolderView } from '@reelmill/protocol';
import type { JobPhase } from '@reelmill/scheduler';
import type { Logger } from 'pino';
import { assertWritableFolder, unwritable } from '../intake/writableFolder.ts';
import { FileLooks, type UnitSight } from './fileLooks.ts';
import { doneFolder, isFilmName } from './fileNames.ts';
import { listFolder } from './listFolder.ts';
import { moveSource } from './moveSource.ts';
import { openForWriting } from './openWriters.ts';
import { opens, pickupJobId } from './pickup.ts';
import type { Seen, SeenLedger } from './seenLedger.ts';
import { type Content, isSameContent } from './sighting.ts';
import { type Unit, unitsOf } from './units.ts';
import type { WatchFolderSettings } from './watchSettings.ts';

export interface PickupOrder extends Pick<WatchFolderSettings, 'preset' | 'outputFolder' | 'priority'> {
  readonly path: string;
  readonly jobId: JobId;
}

/** What a watched folder needs of the coordinator. */
export interface WatchPorts {
  readonly coordinatorId: string;
  readonly logger: Logger;
  /** Absolute folders that are never entered. */
  readonly except: readonly string[];
  /** Monotonic milliseconds. */
  nowMs(): number;
  nowIso(): string;
  /** A job of that file and id; one that exists already stays as it is. */
  submit(order: PickupOrder): Promise<void>;
  /** Those of the absolute paths that the farm itself made. */
  ownOutputs(paths: readonly string[]): ReadonlySet<string>;
  phaseOf(jobId: JobId): JobPhase['kind'] | null;
}

interface Ready {
  readonly unit: Unit;
  readonly sight: Content;
}

/** Submissions of one round: those of other people get their turns between. */
const pickupsPerRound = 100;
/** Files judged before others get the event loop. */
const judgedAtOnce = 2_000;

/** Watches one folder, round by round. What it saw is durable, so that a restart picks nothing up twice and misses nothing. */
export class FolderWatch {
  readonly #ports: WatchPorts;
  readonly #ledger: SeenLedger;
  readonly #looks: FileLooks;
  /** Content that did not open as media, and whether people are told. */
  readonly #refused = new Map<string, Content & { told: boolean }>();
  #settings: WatchFolderSettings;
  #error: FarmError | null = null;
  #turn = 0;
  #counts = { copying: 0, unopened: 0 };
  #round: Promise<void> | null = null;

  constructor(settings: WatchFolderSettings, ledger: SeenLedger, ports: WatchPorts) {
    this.#settings = settings;
    this.#ledger = ledger;
    this.#ports = ports;
    this.#looks = new FileLooks(settings.path, ports.nowMs);
  }

  get settings(): WatchFolderSettings {
    return this.#settings;
  }

  change(settings: WatchFolderSettings): void {
    this.#settings = settings;
  }

  view(): WatchFolderView {
    const { paused, ...settings } = this.#settings;
    const last = this.#ledger.lastPickup();
    return {
      ...settings,
      state: paused ? 'paused' : stateOf(this.#error),
      error: paused ? null : (this.#error?.toData() ?? null),
      ...(paused ? { copying: 0, unopened: 0 } : this.#counts),
      pickedUp: this.#ledger.pickups(),
      lastPickup: last === null ? null : { name: last.name, at: last.at, jobId: last.jobId },
    };
  }

  /** Looks once and picks up what is ready. Never rejects; one that runs already is waited for instead. */
  round(): Promise<void> {
    this.#round ??= this.#look().finally(() => {
      this.#round = null;
    });
    return this.#round;
  }

  /** Ends after the round that runs. */
  async close(): Promise<void> {
    this.#settings = { ...this.#settings, paused: true };
    await this.#round;
    await this.#ledger.close();
  }

  async #look(): Promise<void> {
    if (this.#settings.paused) return;
    try {
      const { path, recursive } = this.#settings;
      const { files } = await listFolder(path, { recursive, except: this.#ports.except });
      const units = unitsOf(files);
      await this.#looks.look(files);
      const unmoved = await this.#moveFinished(units);
      await this.#pickUp(await this.#judge(units));
      this.#tell(unmoved);
    } catch (thrown) {
      this.#tell(toFarmError(thrown));
    }
  }

  #tell(error: FarmError | null): void {
    if (error !== null && error.code !== this.#error?.code) {
      this.#ports.logger.warn({ err: error, path: this.#settings.path }, 'a watched folder waits');
    }
    this.#error = error;
  }

  /** Those that are whole and new, and how many are on their way to that. */
  async #judge(units: readonly Unit[]): Promise<Ready[]> {
    const ready: Ready[] = [];
    const counts = { copying: 0, unopened: 0 };
    for (const [index, unit] of units.entries()) {
      if (index % judgedAtOnce === judgedAtOnce - 1) await new Promise(setImmediate);
      const sight = this.#looks.sightOf(unit);
      if (sight === null || this.#ledger.knows(unit, sight)) continue;
      const refused = this.#refused.get(unit.key);
      if (refused !== undefined && isSameContent(refused, sight)) counts.unopened += refused.told ? 1 : 0;
      else if (sight.stable) ready.push({ unit, sight: contentOf(sight) });
      else counts.copying += 1;
    }
    this.#counts = counts;
    return ready;
  }

  async #pickUp(ready: readonly Ready[]): Promise<void> {
    // Those that cannot be taken yet do not keep others back: the next round begins behind them.
    const from = ready.length > pickupsPerRound ? this.#turn % ready.length : 0;
    this.#turn = from + pickupsPerRound;
    const now = ready.slice(from, from + pickupsPerRound);
    const pathOf = ({ unit }: Ready): string => join(this.#settings.path, unit.members.at(0) ?? unit.key);
    const own = this.#ports.ownOutputs(now.map(pathOf));
    const real = new Map<string, string>();
    for (const one of now) real.set(pathOf(one), await realpath(pathOf(one)).catch(() => pathOf(one)));
    const busy = await openForWriting([...real.values()]);
    const writable = new Set<string>();
    for (const one of now) {
      if (this.#settings.paused) return;
      const path = pathOf(one);
      if (own.has(path)) await this.#note(one, null);
      else if (busy.has(real.get(path) ?? path)) this.#counts.copying += 1;
      else if (await this.#doesOpen(one, path)) await this.#submit(one, path, writable);
    }
  }

  async #doesOpen({ unit, sight }: Ready, path: string): Promise<boolean> {
    if (unit.frames !== null) return true; // frames are examined by their job
    const outcome = await opens(path, sight);
    if (outcome === 'opens') return true;
    const told = isFilmName(unit.name);
    if (outcome === 'refused') this.#refused.set(unit.key, { ...sight, told });
    this.#counts.unopened += outcome !== 'changed' && told ? 1 : 0;
    return false;
  }

  async #submit(one: Ready, path: string, writable: Set<string>): Promise<void> {
    const { outputFolder, preset, priority, watchFolderId } = this.#settings;
    const below = dirname(one.unit.members.at(0) ?? one.unit.key);
    const target = outputFolder === null ? dirname(path) : join(outputFolder, below);
    if (!writable.has(target)) await assertWritableFolder(target);
    writable.add(target);
    const jobId = pickupJobId([this.#ports.coordinatorId, watchFolderId, one.unit.key], one.sight);
    await this.#ports.submit({ path, jobId, preset, priority, outputFolder: outputFolder === null ? null : target });
    await this.#note(one, jobId);
  }

  #note({ unit, sight }: Ready, jobId: JobId | null): Promise<void> {
    this.#refused.delete(unit.key);
    const { key, name, frames } = unit;
    return this.#ledger.note({ key, name, frames, ...sight, jobId, at: this.#ports.nowIso(), settled: false });
  }

  /** Sources of jobs that are done: verified and published. Returns what kept one from being moved. */
  async #moveFinished(units: readonly Unit[]): Promise<FarmError | null> {
    if (!this.#settings.move) return null;
    const done = this.#ledger
      .unsettled()
      .filter(({ jobId }) => jobId !== null && this.#ports.phaseOf(jobId) === 'done');
    if (done.length === 0) return null;
    const byName = Map.groupBy(units, ({ key, frames }) => frames?.pattern ?? key);
    try {
      for (const seen of done) await this.#move(seen, byName.get(seen.frames?.pattern ?? seen.key) ?? []);
      return null;
    } catch (cause) {
      return unwritable(join(this.#settings.path, doneFolder), cause);
    }
  }

  /** What has changed since it was picked up stays; what is not there may come back with its drive. */
  async #move(seen: Seen, units: readonly Unit[]): Promise<void> {
    for (const unit of units.filter((one) => isPartOf(seen, one))) {
      await this.#looks.lookAgain(unit.members);
      const sight = this.#looks.sightOf(unit);
      if (sight === null || !this.#ledger.knows(unit, sight)) return;
      for (const member of unit.members) await moveSource(this.#settings.path, member);
    }
    if (units.length > 0) await this.#ledger.note({ ...seen, settled: true });
  }
}

/** Another run of the same pattern is a pickup of its own. */
const isPartOf = ({ key, frames: seen }: Seen, { key: unitKey, frames }: Unit): boolean =>
  seen === null || frames === null ? key === unitKey : seen.first <= frames.first && frames.last <= seen.last;

const contentOf = ({ sizeBytes, mtimeNs }: UnitSight): Content => ({ sizeBytes, mtimeNs });

function stateOf(error: FarmError | null): WatchFolderView['state'] {
  switch (error?.code) {
    case undefined:
      return 'watching';
    case 'WATCH_FOLDER_MISSING':
      return 'missing';
    case 'WATCH_FOLDER_UNREADABLE':
      return 'unreadable';
    default:
      return 'blocked';
  }
}
