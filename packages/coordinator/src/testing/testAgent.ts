import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { FarmSpec, type FfmpegTools, outputExtensions, runFarmSpec } from '@reelmill/media';
import {
  type Artifact,
  type LeaseKey,
  NodeId,
  type TaskOffer,
  type TaskOutcome,
  timing,
  toFarmError,
} from '@reelmill/protocol';
import type { ObjectStore } from '@reelmill/storage';
import { downloadSigned, uploadSigned } from '@reelmill/storage';
import type { AgentConnection, FarmCore } from '../farmCorePort.ts';
import { hashFile } from '../house/hashFile.ts';

/** What the agent deals with; an `OpenCore` fits. */
export interface TestFarmDoor {
  readonly core: FarmCore;
  readonly identity: { readonly sameMachineProof: string };
  readonly context: { readonly store: ObjectStore };
}

export interface TestAgentOptions {
  readonly name: string;
  readonly slots: number;
  readonly tools: FfmpegTools;
  /**
   * Set: on another machine; sources, inputs and results travel by signed URLs below this address. Not set: on this
   * one; sources are read in place and results put under their signed keys directly.
   */
  readonly remoteBaseUrl?: string;
  /** Called before a result is reported; may change it, or keep it back by never resolving. */
  readonly beforeReport?: (offer: TaskOffer, outcome: TaskOutcome) => TaskOutcome | Promise<TaskOutcome>;
}

export interface TestAgent {
  readonly connection: AgentConnection;
  /** Tasks it was offered, in order. */
  readonly offers: TaskOffer[];
  join(): Promise<void>;
  /** As a dead process: no more heartbeats, running work is killed, nobody is told. */
  die(): Promise<void>;
  leave(): Promise<void>;
}

/**
 * An agent without sockets: it calls the core's door directly and encodes with the same functions as a real one.
 */
export function createTestAgent(open: TestFarmDoor, options: TestAgentOptions): TestAgent {
  const nodeId = NodeId.parse(options.name);
  const running = new Map<string, { key: LeaseKey; controller: AbortController; ended: Promise<void> }>();
  const offers: TaskOffer[] = [];
  let dead = false;
  let timer: NodeJS.Timeout | undefined;
  const keyText = (key: LeaseKey): string => `${key.taskId}#${key.attempt}`;

  const connection: AgentConnection = {
    nodeId,
    address: 'in-process',
    baseUrl: options.remoteBaseUrl ?? 'http://127.0.0.1:0',
    async offer(offer) {
      offers.push(offer);
      const key = { taskId: offer.taskId, attempt: offer.attempt };
      const controller = new AbortController();
      const ended = work(offer, controller.signal).finally(() => running.delete(keyText(key)));
      running.set(keyText(key), { key, controller, ended });
      return { accepted: true };
    },
    proveHardware: async () => [],
    recall: async () => false,
    hours: () => undefined,
    readLog: async () => [],
    pause: () => {},
    cancel: (key) => running.get(keyText(key))?.controller.abort(),
  };

  const encode = async (offer: TaskOffer, signal: AbortSignal): Promise<TaskOutcome> => {
    const folder = await mkdtemp(join(tmpdir(), 'reelmill-agent-'));
    try {
      const spec = FarmSpec.parse(offer.spec);
      const outputPaths = outputExtensions(spec).map((extension, at) => join(folder, `out-${at}.${extension}`));
      const { inputs, sourcePath, sourceSha256 } = await fetchInputs(offer, folder, signal);
      const io = { sourcePath, inputs, outputPaths, onProgress: () => {} };
      const { report } = await runFarmSpec(spec, io, { tools: options.tools, signal });
      const artifacts = [];
      for (const path of outputPaths) artifacts.push(await deliver(offer, path, signal));
      return { kind: 'completed', artifacts, report, sourceSha256, wallSeconds: 1 };
    } catch (thrown) {
      return { kind: 'failed', error: toFarmError(thrown).toData() };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  const deliver = async ({ taskId, attempt }: TaskOffer, path: string, signal: AbortSignal): Promise<Artifact> => {
    const name = basename(path);
    const { sha256, sizeBytes } = await hashFile(path, { signal });
    const put = await open.core.agentUpload(nodeId, { taskId, attempt, name, sizeBytes, sha256 });
    if (options.remoteBaseUrl === undefined) await open.context.store.putFile(put.key, path);
    else await uploadSigned(put, path, { sha256, sizeBytes, signal });
    return { name, key: put.key, sizeBytes, sha256 };
  };

  const work = async (offer: TaskOffer, signal: AbortSignal): Promise<void> => {
    const made = await encode(offer, signal);
    if (dead || signal.aborted) return;
    const stopped = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null)));
    const outcome = await Promise.race([stopped, options.beforeReport?.(offer, made) ?? made]);
    if (outcome === null) return;
    await open.core.agentFinished(nodeId, { taskId: offer.taskId, attempt: offer.attempt, outcome });
  };

  const held = (): LeaseKey[] => [...running.values()].map((one) => one.key);
  const beat = (): void => {
    const telemetry = { cpuPercent: 0, memoryUsedBytes: 0, freeDiskBytes: 0, temperatureCelsius: null };
    const traffic = { bytesDownloaded: 0, bytesUploaded: 0 };
    const { revoked } = open.core.agentHeartbeat(nodeId, { leases: held(), telemetry: { ...telemetry, ...traffic } });
    for (const key of revoked) connection.cancel(key);
  };
  const stop = async (): Promise<void> => {
    dead = true;
    clearInterval(timer);
    const all = [...running.values()];
    for (const one of all) one.controller.abort();
    await Promise.all(all.map((one) => one.ended));
  };

  return {
    connection,
    offers,
    async join() {
      await open.core.agentHello(connection, {
        nodeId,
        name: options.name,
        productVersion: '0',
        toolchain: options.tools.toolchain,
        slots: options.slots,
        waitingOffers: 0,
        cpuCount: 1,
        memoryBytes: 16 * 1024 ** 3,
        tags: [],
        kinds: null,
        sameMachineProof: options.remoteBaseUrl === undefined ? open.identity.sameMachineProof : null,
        hardware: null,
        closure: null,
        givenBack: [],
        heldLeases: held(),
      });
      timer = setInterval(beat, timing.heartbeatIntervalMs);
    },
    die: stop,
    async leave() {
      await stop();
      await open.core.agentLeft(connection, 'bye');
    },
  };
}

interface Fetched {
  readonly inputs: Record<string, string>;
  readonly sourcePath: string | null;
  readonly sourceSha256: string | null;
}

async function fetchInputs(offer: TaskOffer, folder: string, signal: AbortSignal): Promise<Fetched> {
  const inputs: Record<string, string> = {};
  for (const input of offer.inputs) {
    inputs[input.name] = join(folder, input.name);
    await downloadSigned(input.get, join(folder, input.name), { signal });
  }
  if (offer.source === null) return { inputs, sourcePath: null, sourceSha256: null };
  if (offer.source.kind === 'in-place') return { inputs, sourcePath: offer.source.identity.path, sourceSha256: null };
  const sourcePath = join(folder, `source${offer.source.extension}`);
  const got = await downloadSigned(offer.source.get, sourcePath, { signal });
  return { inputs, sourcePath, sourceSha256: got.sha256 };
}
