import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FfmpegTools, warmProbe } from '@reelmill/media';
import { type AnyPreset, dataFiles, FarmError, type JobId, type QueueRule } from '@reelmill/protocol';
import type { JobForecast } from '@reelmill/scheduler';
import type { Logger } from 'pino';
import type { CoreContext } from './coreContext.ts';
import { loadIdentity } from './dataFolder.ts';
import { createDispatcher } from './dispatch/dispatcher.ts';
import { createAgentRoster, renewKeptIntervalMs } from './farm/agentRoster.ts';
import { createHardwareDesk } from './farm/hardwareDesk.ts';
import { createOfferDesk } from './farm/offers.ts';
import { createResultDesk } from './farm/results.ts';
import { createSourceDesk } from './farm/sourceAccess.ts';
import { type CoreParts, createFarmCore, runEffect } from './farmCore.ts';
import type { CoreChange, CoreFeed, FarmCore, ProjectionHandle } from './farmCorePort.ts';
import { AttemptSteps } from './history/attemptSteps.ts';
import { createHistoryDesk, type HistoryDeskOptions } from './history/historyDesk.ts';
import { createDiskGuard, type DiskGuardOptions } from './house/diskGuard.ts';
import { createHouseRunner } from './house/houseRunner.ts';
import { createManifestShelf } from './house/manifestShelf.ts';
import { createSweeper } from './house/sweeper.ts';
import { trackOutputNames } from './intake/outputNames.ts';
import { warmRecords } from './jobRecords.ts';
import { type Journal, openJournal } from './journal/journal.ts';
import type { JournalDamage } from './journal/journalMessages.ts';
import { openStore, type StorageSettings } from './openStore.ts';
import { forgetOrphans, startOrphanSweeps } from './orphans.ts';
import { createProjection } from './projection/createProjection.ts';
import { loadSigningKey } from './proof/signingKey.ts';
import { readQueueRules } from './queueSettings.ts';
import { removeDiscarded, startRemovals } from './removalGrace.ts';
import type { WatchClock } from './watch/watchClock.ts';
import { type OpenWatchDesk, openWatchDesk } from './watch/watchDesk.ts';

export interface CoreSettings {
  readonly dataDir: string;
  readonly name: string;
  readonly storage: StorageSettings;
  /** May still be looked for: the journal is read meanwhile. */
  readonly tools: FfmpegTools | Promise<FfmpegTools>;
  readonly presets: readonly AnyPreset[] | Promise<readonly AnyPreset[]>;
  readonly houseSlots: number;
  /** Named queues; default: those of `queues.json`. */
  readonly queues?: readonly QueueRule[];
  readonly segmentRetentionMs: number;
  /** Jobs wait for room on full disks; else they fail there. */
  readonly waitsForSpace: boolean;
  /** Nothing new while less is free in the data folder; null: by the size of the disk. */
  readonly minFreeBytes?: number | null;
  /** `when-idle`: nodes try their hardware encoders as soon as they have nothing to do; else when a job asks for them. */
  readonly provesHardware: 'when-idle' | 'when-asked';
  readonly signingKeyFile: string;
  readonly journalWorkerUrl?: URL;
  /** Of watched folders, in tests. */
  readonly watchClock?: WatchClock;
  readonly logger: Logger;
}

/** A farm without doors: everything but sockets, HTTP and discovery. */
export interface OpenCore {
  readonly core: FarmCore;
  readonly context: CoreContext;
  readonly projection: ProjectionHandle;
  readonly identity: Awaited<ReturnType<typeof loadIdentity>>;
  readonly uploadsFolder: string;
  /** Orderly: house tasks are stopped, what is decided becomes durable, files are closed. */
  close(): Promise<void>;
}

const tickIntervalMs = 500;
const storagePulseMs = 5_000;
const askIdleMs = 2_000;

/** Opens journal and store, replays, resumes unfinished jobs. The data folder must be locked by the caller. */
export async function openCore(settings: CoreSettings): Promise<OpenCore> {
  const journal = openJournal({
    path: join(settings.dataDir, dataFiles.journal),
    ...(settings.journalWorkerUrl && { workerUrl: settings.journalWorkerUrl }),
  });
  try {
    return await openOver(journal, settings);
  } catch (thrown) {
    await journal.close();
    throw thrown;
  }
}

async function openOver(journal: Journal, settings: CoreSettings): Promise<OpenCore> {
  const { dataDir } = settings;
  const [identity, folders, signingKey, tools, presets, queues] = await Promise.all([
    loadIdentity(dataDir),
    prepareFolders(dataDir),
    loadSigningKey(settings.signingKeyFile),
    settings.tools,
    settings.presets,
    settings.queues ?? readQueueRules(dataDir),
  ]);
  const stores = await openStore(settings.storage, {
    folder: join(dataDir, dataFiles.store),
    secret: identity.storeSecret,
  });
  const own = { ...stores, coordinatorId: identity.coordinatorId, signingKey, tools, presets, queues };
  const places = { scratchFolder: folders.scratch, sequencesFolder: folders.sequences };
  const wired = wire(settings, { journal, own: { ...own, ...places } });
  const parts = makeParts(wired.context, {
    ...{ feed: wired.feed, steps: wired.steps, journal },
    sameMachineProof: identity.sameMachineProof,
    outputs: folders.outputs,
    dataDir,
    minFreeBytes: settings.minFreeBytes ?? null,
  });
  wired.start(parts);
  await wired.context.dispatcher.boot();
  const { coordinatorId } = identity;
  const shown = { coordinatorId, coordinatorName: settings.name, presets, queues };
  const { feed, context } = wired;
  const noteForecast = (jobId: JobId, forecast: JobForecast): void => {
    context.dispatcher
      .run({ type: 'note-forecast', jobId, forecast })
      .catch((cause) => context.logger.warn({ err: cause, jobId }, 'a forecast was not kept'));
  };
  const projection = createProjection({
    feed,
    ...shown,
    storageKind: stores.store.kind,
    scratchRetentionMs: settings.segmentRetentionMs,
    noteForecast,
  });
  const damage = journal.damage();
  if (damage === null) await forgetOrphans(wired.context, folders.uploads);
  else warnOfDamage(wired.context, damage);
  const stopPulses = startPulses(wired.context, parts, settings.provesHardware);
  const stopRemovals = startRemovals(parts);
  const stopSweeps = damage === null ? startOrphanSweeps(parts, folders.uploads) : () => {};
  const farm = createFarmCore(parts, { projection, names: trackOutputNames(wired.feed) });
  const watchDesk = await openWatchDesk({
    context,
    submit: farm.submit,
    dataDir,
    ...(settings.watchClock && { clock: settings.watchClock }),
  });
  return {
    core: { ...farm, ...watchDesk },
    context: wired.context,
    projection,
    identity,
    uploadsFolder: folders.uploads,
    close: () =>
      closeAll({
        parts,
        journal,
        projection,
        watchDesk,
        stopPulses() {
          stopPulses();
          stopRemovals();
          stopSweeps();
        },
      }),
  };
}

interface Wired {
  readonly context: CoreContext;
  readonly feed: CoreFeed;
  readonly steps: AttemptSteps;
  /** Effects run from now on. */
  start(parts: CoreParts): void;
}

/** Ties the writer loop, its listeners and the shared context together. */
function wire(
  settings: CoreSettings,
  made: {
    journal: Journal;
    own: Pick<
      CoreContext,
      | 'store'
      | 'diskStore'
      | 'coordinatorId'
      | 'signingKey'
      | 'scratchFolder'
      | 'sequencesFolder'
      | 'tools'
      | 'presets'
      | 'queues'
    >;
  },
): Wired {
  const listeners = new Set<(change: CoreChange) => void>();
  const steps = new AttemptSteps(() => dispatcher.state());
  const emit = (change: CoreChange): void => {
    steps.note(change, () => new Date().toISOString());
    for (const listener of listeners) listener(change);
  };
  let parts: CoreParts | undefined;
  const dispatcher = createDispatcher({
    journal: made.journal,
    limits: { houseSlots: settings.houseSlots, queues: made.own.queues, waitsForSpace: settings.waitsForSpace },
    logger: settings.logger,
    clock: () => performance.now(),
    iso: () => new Date().toISOString(),
    stamp: (event, iso) => steps.stamp(event, iso),
    onEvents: (events, iso) => emit({ kind: 'events', events, iso }),
    runEffect: (effect) => parts && runEffect(parts, effect),
  });
  const { logger, segmentRetentionMs, waitsForSpace } = settings;
  const hardware = createHardwareDesk({ dispatcher, logger, emit });
  const manifests = createManifestShelf(made.own.store, made.own.coordinatorId);
  return {
    context: { ...made.own, dispatcher, hardware, manifests, logger, segmentRetentionMs, waitsForSpace, emit },
    steps,
    feed: {
      state: () => dispatcher.state(),
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    start(made) {
      parts = made;
    },
  };
}

async function prepareFolders(dataDir: string) {
  const folders = {
    scratch: join(dataDir, 'scratch'),
    uploads: join(dataDir, 'uploads'),
    outputs: join(dataDir, 'outputs'),
    sequences: join(dataDir, 'sequences'),
  };
  await rm(folders.scratch, { recursive: true, force: true });
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 });
  return folders;
}

function makeParts(
  context: CoreContext,
  own: { sameMachineProof: string; outputs: string } & Pick<HistoryDeskOptions, 'feed' | 'steps' | 'journal'> &
    Pick<DiskGuardOptions, 'dataDir' | 'minFreeBytes'>,
): CoreParts {
  const roster = createAgentRoster(context, own.sameMachineProof);
  const sources = createSourceDesk(context);
  const house = createHouseRunner(context);
  const sweeper = createSweeper(context, house, () => void diskGuard.measure());
  const onShortage = (): void => {
    sweeper.giveBack();
    void removeDiscarded(parts, 0);
  };
  const diskGuard = createDiskGuard(context, { ...own, onShortage });
  const parts: CoreParts = {
    context,
    roster,
    sources,
    house,
    offers: createOfferDesk(context, roster, sources),
    results: createResultDesk(context, roster),
    sweeper,
    diskGuard,
    history: createHistoryDesk({ context, ...own, nodeName: (nodeId) => roster.get(nodeId)?.facts.name }),
    uploads: new Map(),
    uploadOutputsFolder: own.outputs,
  };
  return parts;
}

function warnOfDamage(context: CoreContext, damage: JournalDamage): void {
  const message = `The journal was damaged behind event ${damage.keptEvents} (${damage.reason}); it goes on from there, and the damaged file was set aside as ${damage.setAside}.`;
  const error = new FarmError('JOURNAL_DAMAGED', { message, details: { ...damage } });
  context.logger.error({ err: error, ...damage }, 'the journal was damaged');
  context.emit({ kind: 'farm-warning', error: error.toData() });
}

/** Everything that happens by time alone. Returns the way to stop it. */
function startPulses(context: CoreContext, parts: CoreParts, proves: CoreSettings['provesHardware']): () => void {
  let isTicking = false;
  const tick = async (): Promise<void> => {
    if (isTicking) return;
    isTicking = true;
    try {
      await context.dispatcher.run({ type: 'tick' });
    } catch (cause) {
      context.logger.error({ err: cause }, 'a tick failed');
    } finally {
      isTicking = false;
    }
  };
  const tellStorage = async (): Promise<void> => {
    try {
      context.emit({ kind: 'storage', ok: true, freeBytes: await context.store.freeBytes() });
    } catch (cause) {
      context.logger.warn({ err: cause }, 'the store does not answer');
      context.emit({ kind: 'storage', ok: false, freeBytes: null });
    }
    await parts.diskGuard.measure();
  };
  const timers = [
    setInterval(() => void tick(), tickIntervalMs),
    setInterval(() => parts.roster.renewKept(), renewKeptIntervalMs),
    setInterval(() => void tellStorage(), storagePulseMs),
    ...(proves === 'when-idle' ? [setInterval(() => context.hardware.askIdle(), askIdleMs)] : []),
  ];
  void tellStorage();
  setImmediate(() => {
    warmProbe();
    warmRecords();
  });
  return () => timers.forEach(clearInterval);
}

interface Closing {
  readonly watchDesk: OpenWatchDesk;
  readonly stopPulses: () => void;
  readonly parts: CoreParts;
  readonly journal: Journal;
  readonly projection: ProjectionHandle;
}

async function closeAll({ stopPulses, parts, journal, projection, watchDesk }: Closing): Promise<void> {
  stopPulses();
  await watchDesk.close();
  await parts.house.close();
  await parts.sweeper.close();
  await parts.context.dispatcher.close();
  await journal.close();
  projection.close();
}
