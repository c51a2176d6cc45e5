import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { findPreset } from '@reelmill/media';
import {
  dataFiles,
  FarmError,
  SubmitRequest,
  type WatchFolderChange,
  WatchFolderId,
  type WatchFolderRequest,
  type WatchFolderView,
} from '@reelmill/protocol';
import type { CoreContext } from '../coreContext.ts';
import type { FarmCore } from '../farmCorePort.ts';
import { FolderWatch, type WatchPorts } from './folderWatch.ts';
import { ownOutputs } from './ownOutputs.ts';
import { openSeenLedger, removeSeenLedger } from './seenLedger.ts';
import { systemWatchClock, type WatchClock } from './watchClock.ts';
import { readWatchSettings, type WatchFolderSettings, writeWatchSettings } from './watchSettings.ts';

/** What people can do about watched folders. */
export interface WatchDesk {
  watchFolders(): WatchFolderView[];
  /** Throws REQUEST_INVALID, PRESET_UNKNOWN. Resolves once that is durable. */
  addWatchFolder(request: WatchFolderRequest): Promise<WatchFolderView>;
  /** Throws NOT_FOUND, REQUEST_INVALID, PRESET_UNKNOWN. */
  changeWatchFolder(id: WatchFolderId, change: WatchFolderChange): Promise<WatchFolderView>;
  /** Files, jobs and outputs stay; what was seen is forgotten. Throws NOT_FOUND. */
  removeWatchFolder(id: WatchFolderId): Promise<void>;
}

export interface OpenWatchDesk extends WatchDesk {
  /** Ends after the rounds that run. */
  close(): Promise<void>;
}

export interface WatchDeskOptions {
  readonly context: CoreContext;
  readonly submit: FarmCore['submit'];
  readonly dataDir: string;
  readonly clock?: WatchClock;
}

interface Watched {
  readonly watch: FolderWatch;
  stop(): void;
}

/** Resumes the watched folders of a data folder. @throws FarmError USAGE where their file cannot be understood */
export async function openWatchDesk(options: WatchDeskOptions): Promise<OpenWatchDesk> {
  const desk = new Desk(options);
  await desk.resume();
  return {
    watchFolders: () => desk.views(),
    addWatchFolder: (request) => desk.inTurn(() => desk.add(request)),
    changeWatchFolder: (id, change) => desk.inTurn(() => desk.change(id, change)),
    removeWatchFolder: (id) => desk.inTurn(() => desk.remove(id)),
    close: () => desk.inTurn(() => desk.close()),
  };
}

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';
const newWatchFolderId = (): WatchFolderId =>
  WatchFolderId.parse(`W-${Array.from(randomBytes(10), (byte) => base32[byte & 31] as string).join('')}`);

class Desk {
  readonly #options: WatchDeskOptions;
  readonly #clock: WatchClock;
  readonly #file: string;
  readonly #watched = new Map<WatchFolderId, Watched>();
  #told = '[]';
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: WatchDeskOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemWatchClock;
    this.#file = join(options.dataDir, dataFiles.watchFolders);
  }

  /** Changes wait for one another: each writes the whole file. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  views = (): WatchFolderView[] => [...this.#watched.values()].map(({ watch }) => watch.view());

  async resume(): Promise<void> {
    for (const settings of await readWatchSettings(this.#file)) await this.#start(settings);
    this.#tell();
  }

  async add({ path, ...request }: WatchFolderRequest): Promise<WatchFolderView> {
    const settings = { watchFolderId: newWatchFolderId(), path: absolute(path), ...request, paused: false };
    const checked = this.#checked(settings);
    await this.#assertNew(checked.path);
    await this.#write([...this.#settings(), checked]);
    const watch = await this.#start(checked);
    this.#tell();
    return watch.view();
  }

  async change(id: WatchFolderId, change: WatchFolderChange): Promise<WatchFolderView> {
    const { watch } = this.#find(id);
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const settings = this.#checked({ ...watch.settings, ...given });
    await this.#write(this.#settings().map((one) => (one.watchFolderId === id ? settings : one)));
    watch.change(settings);
    this.#tell();
    return watch.view();
  }

  async remove(id: WatchFolderId): Promise<void> {
    const { watch, stop } = this.#find(id);
    await this.#write(this.#settings().filter(({ watchFolderId }) => watchFolderId !== id));
    this.#watched.delete(id);
    stop();
    this.#tell();
    await watch.close();
    await removeSeenLedger(this.#seenFile(id));
  }

  async close(): Promise<void> {
    for (const { watch, stop } of this.#watched.values()) {
      stop();
      await watch.close();
    }
  }

  #find(id: WatchFolderId): Watched {
    const found = this.#watched.get(id);
    if (found === undefined) throw new FarmError('NOT_FOUND', { message: `There is no watched folder ${id}.` });
    return found;
  }

  #settings = (): WatchFolderSettings[] => [...this.#watched.values()].map(({ watch }) => watch.settings);
  #seenFile = (id: WatchFolderId): string => join(this.#options.dataDir, dataFiles.watchSeen, `${id}.jsonl`);
  #write = (all: readonly WatchFolderSettings[]): Promise<void> => writeWatchSettings(this.#file, all);

  #checked(settings: WatchFolderSettings): WatchFolderSettings {
    const { presets } = this.#options.context;
    const preset = [...new Set(settings.preset)].map((id) => findPreset(presets, id).id);
    const outputFolder = settings.outputFolder === null ? null : absolute(settings.outputFolder);
    return { ...settings, preset, outputFolder };
  }

  /** A folder that is not there yet may come; what is no folder never will be one. */
  async #assertNew(path: string): Promise<void> {
    const taken = this.#settings().find((one) => relative(one.path, path) === '');
    if (taken !== undefined) throw invalid(`${path} is watched already (${taken.watchFolderId}).`);
    const between = relative(resolve(this.#options.dataDir), path);
    if (!between.startsWith('..') && !isAbsolute(between))
      throw invalid(`${path} is the coordinator's own data folder.`);
    const found = await stat(path).catch(() => null); // its state will say why
    if (found !== null && !found.isDirectory()) throw invalid(`${path} is not a folder.`);
  }

  async #start(settings: WatchFolderSettings): Promise<FolderWatch> {
    const ledger = await openSeenLedger(this.#seenFile(settings.watchFolderId));
    const watch = new FolderWatch(settings, ledger, this.#ports());
    const stop = this.#clock.repeat(async () => {
      await watch.round();
      this.#tell();
    });
    this.#watched.set(settings.watchFolderId, { watch, stop });
    return watch;
  }

  #ports(): WatchPorts {
    const { context, submit, dataDir } = this.#options;
    const state = () => context.dispatcher.state();
    return {
      coordinatorId: context.coordinatorId,
      logger: context.logger,
      except: [resolve(dataDir)],
      nowMs: () => this.#clock.nowMs(),
      nowIso: () => new Date().toISOString(),
      async submit({ path, jobId, preset, priority, outputFolder }) {
        const order = priority === null ? {} : { priority };
        await submit(SubmitRequest.parse({ inputs: [{ kind: 'path', path }], preset, outputFolder, ...order }), jobId);
      },
      ownOutputs: (paths) => ownOutputs(state(), paths),
      phaseOf: (jobId) => state().jobs.get(jobId)?.phase.kind ?? null,
    };
  }

  /** Interfaces hear of them only when something is different. */
  #tell(): void {
    const folders = this.views();
    const text = JSON.stringify(folders);
    if (text === this.#told) return;
    this.#told = text;
    this.#options.context.emit({ kind: 'watch-folders', folders });
  }
}

const invalid = (message: string): FarmError => new FarmError('REQUEST_INVALID', { message });

function absolute(path: string): string {
  if (!isAbsolute(path)) throw invalid(`Paths must be absolute: ${JSON.stringify(path)}.`);
  return resolve(path);
}
