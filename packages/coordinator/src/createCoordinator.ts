import { hostname } from 'node:os';
import { join } from 'node:path';
import { type FfmpegTools, loadAllPresets, resolveFfmpeg, userPresetsFolder } from '@reelmill/media';
import {
  type Admission,
  dataFiles,
  defaultKeepScratch,
  type KeepScratch,
  keepScratchMs,
  once,
  protocolRange,
  type QueueRule,
  timing,
} from '@reelmill/protocol';
import { type Logger, pino } from 'pino';
import { lockDataFolder, processStartTime, removeRuntimeFile, writeRuntimeFile } from './dataFolder.ts';
import type { Doors, FarmCore } from './farmCorePort.ts';
import { createDoors } from './gateway/createDoors.ts';
import { listenOnFreePort } from './listenOnFreePort.ts';
import { type OpenCore, openCore } from './openCore.ts';
import type { StorageSettings } from './openStore.ts';

export interface CoordinatorSettings {
  /** Journal, store, secrets. One coordinator at a time. */
  readonly dataDir: string;
  /** Default 127.0.0.1; with `lan`, 0.0.0.0. */
  readonly host?: string;
  /** Default 7420; 0: any. A busy port gives way to the next free one. */
  readonly port?: number;
  readonly lan: boolean;
  /** Shown to people; default: host name. */
  readonly name?: string;
  readonly storage: StorageSettings;
  /** Default: `resolveFfmpeg()`. */
  readonly tools?: FfmpegTools;
  /** Built interface bundle, or null: API only. */
  readonly staticFolder: string | null;
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** House tasks (probe, hash, assemble, publish) at once; default 3. */
  readonly houseSlots?: number;
  /** Named queues; default: those of `queues.json` in the data folder. */
  readonly queues?: readonly QueueRule[];
  /** How long finished chunks and plans stay in the store after their job is done, unless it says; default `24h`. */
  readonly keepScratch?: KeepScratch;
  /** Jobs wait for room on full disks, and nothing new is taken; false: they fail there. Default true. */
  readonly waitsForSpace?: boolean;
  /** Nothing new while less is free in the data folder; default: by the size of the disk. */
  readonly minFreeBytes?: number;
  /** Key that signs certificates, made at first use; default: in the data folder. */
  readonly signingKeyFile?: string;
  /** Default `when-idle`: nodes try their hardware encoders when they have nothing to do; else when a job asks. */
  readonly provesHardware?: 'when-idle' | 'when-asked';
  /** Presets folder; default: resources/presets. */
  readonly presetsFolder?: string;
  /** Presets that the user imported; default: those of the data folder. */
  readonly userPresetsFolder?: string;
  /** Called once this process owns the data folder: local agents may be started, they wait for the runtime file. */
  readonly onLocked?: () => void;
  /** Script of the journal's thread, where a bundle keeps it elsewhere than beside its main file. */
  readonly journalWorkerUrl?: URL;
}

export interface Coordinator {
  readonly info: {
    readonly coordinatorId: string;
    readonly apiUrl: string;
    /** Opens the interface; holds a fresh one-time code at each reading. */
    readonly url: string;
    readonly host: string;
    readonly port: number;
    readonly dataDir: string;
  };
  readonly core: FarmCore;
  /** Orderly end; unfinished jobs go on at the next start. */
  close(): Promise<void>;
}

/**
 * Starts the coordinator of a data folder and resumes its unfinished jobs. Throws DATA_DIR_BUSY where another one runs
 * (`details.runtime` tells how to reach it), FFMPEG_MISSING, STORAGE_*, PRESET_INVALID.
 */
export async function createCoordinator(settings: CoordinatorSettings): Promise<Coordinator> {
  const tools = settings.tools === undefined ? resolveFfmpeg() : Promise.resolve(settings.tools);
  tools.catch(() => {}); // thrown where it is awaited
  const logger = pino({ level: settings.logLevel, name: 'coordinator' }, pino.destination({ fd: 2, sync: true }));
  const lock = await lockDataFolder(settings.dataDir);
  // One that was killed left its address behind; nobody shall dial it.
  await removeRuntimeFile(settings.dataDir);
  settings.onLocked?.();
  let open: OpenCore | undefined;
  let doors: Doors | undefined;
  const closeAll = async (): Promise<void> => {
    await doors?.close();
    await open?.close();
    await removeRuntimeFile(settings.dataDir);
    lock.release();
  };
  try {
    const name = settings.name ?? hostname();
    open = await openCoreOf(settings, { name, logger, tools });
    doors = await openDoors(settings, { name, open, logger });
    const host = settings.host ?? '127.0.0.1';
    const address = await listenOnFreePort(doors, { dataDir: settings.dataDir, host, port: settings.port ?? 7420 });
    const { coordinatorId } = open.identity;
    const apiUrl = doors.apiUrl();
    const startedAt = await processStartTime();
    await writeRuntimeFile(settings.dataDir, { pid: process.pid, startedAt, coordinatorId, apiUrl, ...address });
    return describe({ settings, doors, core: open.core, coordinatorId, address, close: once(closeAll) });
  } catch (thrown) {
    await closeAll();
    throw thrown;
  }
}

function describe(made: {
  settings: CoordinatorSettings;
  doors: Doors;
  core: FarmCore;
  coordinatorId: string;
  address: { host: string; port: number };
  close(): Promise<void>;
}): Coordinator {
  const { doors } = made;
  return {
    info: {
      ...made.address,
      coordinatorId: made.coordinatorId,
      dataDir: made.settings.dataDir,
      apiUrl: doors.apiUrl(),
      get url() {
        return doors.interfaceUrl();
      },
    },
    core: made.core,
    close: made.close,
  };
}

function openCoreOf(
  settings: CoordinatorSettings,
  own: { name: string; logger: Logger; tools: Promise<FfmpegTools> },
): Promise<OpenCore> {
  const userPresets = settings.userPresetsFolder ?? userPresetsFolder(settings.dataDir);
  return openCore({
    ...own,
    dataDir: settings.dataDir,
    storage: settings.storage,
    presets: loadAllPresets(userPresets, settings.presetsFolder),
    houseSlots: settings.houseSlots ?? 3,
    ...(settings.queues && { queues: settings.queues }),
    segmentRetentionMs: keepScratchMs(settings.keepScratch ?? defaultKeepScratch),
    waitsForSpace: settings.waitsForSpace ?? true,
    minFreeBytes: settings.minFreeBytes ?? null,
    provesHardware: settings.provesHardware ?? 'when-idle',
    signingKeyFile: settings.signingKeyFile ?? join(settings.dataDir, dataFiles.signingKey),
    ...(settings.journalWorkerUrl && { journalWorkerUrl: settings.journalWorkerUrl }),
  });
}

function openDoors(
  settings: CoordinatorSettings,
  own: { name: string; open: OpenCore; logger: Logger },
): Promise<Doors> {
  const { open, name, logger } = own;
  const { identity, context } = open;
  const admission: Admission = {
    coordinatorId: identity.coordinatorId,
    coordinatorName: name,
    protocolVersion: protocolRange.max,
    heartbeatIntervalMs: timing.heartbeatIntervalMs,
    leaseTtlMs: timing.leaseTtlMs,
    sameMachineProofFile: join(settings.dataDir, dataFiles.sameMachineProof),
  };
  const { diskStore } = context;
  return createDoors({
    core: open.core,
    projection: open.projection,
    logger,
    dataDir: settings.dataDir,
    coordinatorId: identity.coordinatorId,
    coordinatorName: name,
    joinToken: identity.joinToken,
    ownerToken: identity.ownerToken,
    admission,
    staticFolder: settings.staticFolder,
    objectDoor: diskStore === null ? null : (request, response) => diskStore.handle(request, response),
    uploadsFolder: open.uploadsFolder,
    lan: settings.lan,
  });
}
