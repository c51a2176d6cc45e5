import { readFile, stat } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { FfmpegTools } from '@reelmill/media';
import {
  type Admission,
  type AgentHello,
  FarmError,
  type OfferAnswer,
  once,
  productVersion,
  type TaskOffer,
} from '@reelmill/protocol';
import type { Logger } from 'pino';
import type { BlockCache } from './blockCache.ts';
import type { DataFolder } from './dataFolder.ts';
import type { Discovery } from './discovery.ts';
import { createDiskWatch } from './diskWatch.ts';
import { createHardwareProver } from './hardwareProver.ts';
import { termsOf } from './lending/lendingOptions.ts';
import { lendMachine } from './lending/lendMachine.ts';
import { errorEvent, type LifecyclePrinter } from './lifecycle.ts';
import { createNodeKeys } from './nodeKeys.ts';
import { createReportOutbox } from './reportOutbox.ts';
import { runTask, type TaskServices } from './runTask.ts';
import { createSession, type Session } from './session.ts';
import { type AgentSettings, defaultSlots, readToken } from './settings.ts';
import { type AttemptControl, createSlots, type Slots } from './slots.ts';
import { createChildRegister, sweepLeftovers } from './sweep.ts';
import { nextTarget } from './targets.ts';
import { createTelemetry, type TransferCounters } from './telemetry.ts';
import { findTools, resolveTools } from './toolchain.ts';

export interface AgentParts {
  readonly settings: AgentSettings;
  readonly folder: DataFolder;
  readonly log: Logger;
  readonly tell: LifecyclePrinter;
}

/** One node of the farm. */
export interface Agent {
  /** Joins and works until `leave` is called. @throws FarmError that makes joining pointless (wrong token, version). */
  run(): Promise<void>;
  /** Says goodbye, stops all work, resolves when no encoder of this agent runs any more. */
  leave(): Promise<void>;
}

/** Refusals that repeating will not cure when the user named the coordinator. */
const finalRefusals = ['NOT_AUTHORIZED', 'FORBIDDEN', 'ROGUE_COORDINATOR', 'PROTOCOL_MISMATCH'];

/** Consumer cards open only a few encoders at once, and one alone often leaves a device idle. */
const deviceEncodesAtOnce = 2;

/** Wires the parts of one agent together; sweeps what a crash left behind. */
export async function createAgent({ settings, folder, log, tell }: AgentParts): Promise<Agent> {
  sweepLeftovers(folder, log);
  const register = createChildRegister(folder.childrenFile);
  const leaving = new AbortController();
  const counters: TransferCounters = { bytesDownloaded: 0, bytesUploaded: 0 };
  const { ffmpegPath, ffprobePath } = settings;
  const question = { ffmpegPath, ffprobePath, cacheFile: folder.toolsFile, signal: leaving.signal };
  const found = await findTools(question);
  let tools = found.tools;
  const telemetry = createTelemetry(counters);
  const disk = createDiskWatch({
    folder: folder.path,
    ownFolders: [folder.scratchFolder, folder.cacheFolder],
    minFreeBytes: settings.minFreeBytes,
    evict: async (isEnough) => (await cache()).evict(isEnough),
  });
  const keys = createNodeKeys(folder.keysFolder);
  // Heavy parts are loaded at first use: a node is on the farm before it can need them.
  const sandbox = once(async () =>
    (await import('./sandbox/sandbox.ts')).chooseSandbox({
      wanted: settings.sandbox,
      registers: [register, ...lent.books],
    }),
  );
  const deviceTurns = once(async () => (await import('@reelmill/media')).createTurns(deviceEncodesAtOnce));
  const cache = once(() => openCache(settings, folder, { log, counters }));
  const logs = once(async () =>
    (await import('./logShelf.ts')).createLogShelf({ folder: join(folder.path, 'logs'), log }),
  );
  const discovery = once(() => openDiscovery({ log, tell }));
  let sameMachineProof: string | null = null;
  let sharesDisk = false;
  let everJoined = false;
  let toldError = '';

  const hello = async (admission: Admission): Promise<AgentHello> => {
    sameMachineProof = settings.inPlace ? await readProof(admission.sameMachineProofFile) : null;
    lent.forgetFarm();
    sharesDisk = sameMachineProof !== null && (await isOnDiskOf(folder.path, admission.sameMachineProofFile));
    const { freeBytes: _, ...known } = await disk.read();
    return {
      ...helloOf({ settings, folder, tools, slots, sameMachineProof }),
      disk: known,
      hardware: hardware.known(),
      closure: lent.closure(),
      farmHours: lent.farmSchedule(),
      givenBack: lent.givenBack(),
    };
  };

  const session: Session = createSession({
    nodeId: folder.nodeId,
    keys,
    log,
    joinToken: () => readToken(settings.token),
    nextTarget: (signal) => nextTarget(settings.coordinator, { discovery, rememberedId: keys.idAt, signal }),
    hello,
    async heartbeat() {
      const { freeBytes, ...known } = await disk.read();
      return { leases: slots.held(), telemetry: telemetry.read(freeBytes), disk: known };
    },
    onOffer: (offer) => (disk.isLow() ? fullAnswer() : slots.offer(offer)),
    onCancel: (key) => slots.cancel(key),
    onRecall: (key) => slots.recall(key),
    onProveHardware: () => (lent.isClosed() ? Promise.reject(new FarmError('NODE_REFUSED')) : hardware.prove()),
    onPause: (pause) => lent.pauseByFarm(pause),
    onHours: (hours) => lent.hoursByFarm(hours),
    onReadLog: async (key) => (await logs()).read(key),
    onJoined(admission, target) {
      const { coordinatorId, coordinatorName } = admission;
      everJoined = true;
      toldError = '';
      keys.noteAddress(target.url, coordinatorId);
      tell({ type: 'joined', coordinatorId, coordinatorName, url: target.url });
      void prepare();
    },
    onLeft: (reason) => tell({ type: 'disconnected', reason }),
    onRefused(error, target) {
      log.info({ err: error, target }, 'not joined');
      if (error.code !== toldError && !(everJoined && error.code === 'SERVER_UNREACHABLE')) tell(errorEvent(error));
      toldError = error.code;
      if (settings.coordinator.kind === 'mdns' && target !== null) void discovery().then((one) => one.setAside(target));
      return settings.coordinator.kind !== 'address' || !finalRefusals.includes(error.code);
    },
  });

  /** Beside the first offers, not before joining: loads what tasks need and asks FFmpeg whether it is still the same. */
  const prepare = once(async () => {
    try {
      await Promise.all([sandbox(), cache()]);
      const current = found.source === 'resolved' ? tools : await resolveTools(question);
      const changed = current.toolchain.classId !== tools.toolchain.classId;
      tools = current;
      if (changed) session.rejoin();
    } catch (cause) {
      log.error({ err: cause }, 'a part of this node could not be prepared');
    }
  });

  const hardware = createHardwareProver({
    tools: () => prepare().then(() => tools),
    sandbox,
    folder: join(folder.scratchFolder, 'hardware'),
    signal: leaving.signal,
  });
  const outbox = createReportOutbox({ log, send: (finished, signal) => session.finish(finished, signal) });
  const services: Omit<TaskServices, 'cache'> = {
    scratchFolder: folder.scratchFolder,
    counters,
    log,
    sameMachine: () => sameMachineProof !== null,
    sharesDisk: () => sharesDisk,
    onDiskFull: () => disk.noteFull(),
    tools: async () => tools,
    sandbox,
    deviceTurns,
    logs,
    requestUpload: (request, signal) => session.requestUpload(request, signal),
    progress: (progress) => session.progress(progress),
    ffmpegTimeoutSeconds: settings.ffmpegTimeoutSeconds,
    slowdown: 100 / (settings.lending.cpuLimitPercent ?? 100),
    nodeName: settings.name,
  };

  const attempt = async (offer: TaskOffer, control: AttemptControl): Promise<void> => {
    const { taskId, attempt: number, kind } = offer;
    const key = { taskId, attempt: number };
    tell({ type: 'task', event: 'start', ...key, kind });
    const outcome = await runTask(offer, { ...services, cache: await cache() }, control);
    if (outcome === null) return tell({ type: 'task', event: 'end', ...key, outcome: 'stopped', verdict: null });
    control.reporting();
    const verdict = await outbox.deliver({ ...key, outcome }, control.signal).catch(() => null);
    tell({ type: 'task', event: 'end', ...key, outcome: outcome.kind, verdict });
  };
  const slots = createSlots({ slots: settings.slots ?? defaultSlots(settings.threads), log, run: attempt });

  const lent = await lendMachine({
    ...{ settings: settings.lending, folder, log, tell, signal: leaving.signal, slots },
    stopOthers: () => hardware.stop(),
    send: (read, signal) => session.standing(read, signal),
  });

  return {
    async run() {
      tell({ type: 'agent', nodeId: folder.nodeId, name: settings.name });
      if (settings.mdns) void discovery().then((one) => one.publish({ nodeId: folder.nodeId, name: settings.name }));
      await session.run(leaving.signal);
    },
    async leave() {
      const stopped = slots.stop(new FarmError('INTERRUPTED'));
      await session.bye();
      leaving.abort(new FarmError('INTERRUPTED'));
      await stopped;
      await lent.end();
      if (settings.mdns) await discovery().then((one) => one.close());
      tell({ type: 'left' });
    },
  };
}

async function openCache(
  settings: AgentSettings,
  folder: DataFolder,
  { log, counters }: { log: Logger; counters: TransferCounters },
): Promise<BlockCache> {
  const { createBlockCache } = await import('./blockCache.ts');
  return createBlockCache({
    folder: folder.cacheFolder,
    maxBytes: settings.cacheBytes,
    log,
    onDownloaded(bytes) {
      counters.bytesDownloaded += bytes;
    },
  });
}

async function openDiscovery({ log, tell }: Pick<AgentParts, 'log' | 'tell'>): Promise<Discovery> {
  const { createDiscovery } = await import('./discovery.ts');
  return createDiscovery({ log, onNothingFound: (error) => tell(errorEvent(error)) });
}

/** Decision 14: who can read this file runs on the coordinator's machine. Elsewhere it does not exist. */
const readProof = (file: string): Promise<string | null> =>
  readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => null,
  );

const isOnDiskOf = async (folder: string, file: string): Promise<boolean> =>
  (await stat(folder)).dev === (await stat(file)).dev;

/** The offer and the news of a full disk crossed. */
const fullAnswer = (): OfferAnswer => ({
  accepted: false,
  error: new FarmError('NODE_REFUSED', { message: "This node's disk is almost full." }).toData(),
});

/** Of this machine, or of the container (cgroup) that the agent is in, where that has less. */
function machineMemoryBytes(): number {
  const contained = process.constrainedMemory();
  return contained > 0 ? Math.min(contained, totalmem()) : totalmem();
}

interface HelloFacts {
  readonly settings: AgentSettings;
  readonly folder: DataFolder;
  readonly tools: FfmpegTools;
  readonly slots: Slots;
  readonly sameMachineProof: string | null;
}

const helloOf = ({
  settings,
  folder,
  tools,
  slots,
  sameMachineProof,
}: HelloFacts): Omit<AgentHello, 'hardware' | 'disk' | 'closure' | 'givenBack' | 'farmHours'> => ({
  nodeId: folder.nodeId,
  name: settings.name,
  productVersion,
  toolchain: tools.toolchain,
  slots: slots.count,
  waitingOffers: slots.waitingOffers,
  cpuCount: availableParallelism(),
  memoryBytes: machineMemoryBytes(),
  ...(settings.memoryBytes !== null && { taskMemoryBytes: settings.memoryBytes }),
  tags: [...settings.tags],
  kinds: settings.kinds === null ? null : [...settings.kinds],
  kindCaps: settings.kindCaps,
  sameMachineProof,
  heldLeases: slots.held(),
  lending: termsOf(settings.lending),
});
