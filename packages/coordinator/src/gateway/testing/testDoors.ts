import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Admission,
  FarmPatch,
  FarmView,
  FinishedVerdict,
  JobHistory,
  JobId,
  LeaseKey,
  NodeId,
  SignedPut,
} from '@reelmill/protocol';
import { FarmError, productVersion, timing } from '@reelmill/protocol';
import { pino } from 'pino';
import type {
  AgentConnection,
  Doors,
  DoorsOptions,
  FarmCore,
  FinishedUpload,
  ProjectionHandle,
} from '../../farmCorePort.ts';
import { createDoors } from '../createDoors.ts';

export const joinToken = 'a'.repeat(64);
export const ownerToken = 'b'.repeat(64);

const emptyFarm: FarmView = {
  coordinatorId: 'c-test',
  coordinatorName: 'studio',
  productVersion,
  stats: {
    jobsActive: 0,
    jobsWaiting: 0,
    jobsFailed: 0,
    jobsDone: 0,
    chunksWaiting: 0,
    chunksEncoding: 0,
    chunksVerified: 0,
    chunksTotal: 0,
    fps: 0,
    speed: 0,
    bytesUpPerSecond: 0,
    bytesDownPerSecond: 0,
    cpuPercent: null,
    paused: false,
    stopAfter: null,
    queues: [],
    storage: { kind: 'embedded', ok: true, freeBytes: null },
    eta: { right: 0, total: 0 },
    lan: false,
    joinCommand: null,
    refusedMessages: {},
    warnings: [],
  },
  presets: [],
  nodes: [],
  watchFolders: [],
  jobs: [],
};

/** Stands where the core stands and writes down what the doors ask of it; the farm it shows can be set. */
export class RecordingCore {
  farm: FarmView = emptyFarm;
  sequence = 0;
  readonly calls: unknown[][] = [];
  readonly connections: AgentConnection[] = [];
  readonly uploads: FinishedUpload[] = [];
  /** What a submission is answered with, instead of no jobs. */
  refusal: FarmError | null = null;
  /** Named in the answers to heartbeats. */
  revoked: LeaseKey[] = [];
  lan: { lan: boolean; joinCommand: string | null } = { lan: false, joinCommand: null };
  readonly #listeners = new Set<(patch: FarmPatch) => void>();
  readonly #waiting: { kind: string; resolve: (call: unknown[]) => void }[] = [];

  readonly projection: ProjectionHandle = {
    snapshot: () => ({ epoch: 'epoch', sequence: this.sequence, farm: this.farm }),
    subscribe: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
    setLan: (facts) => {
      this.lan = facts;
    },
    noteRefused: (nodeId, error) => this.record('noteRefused', nodeId, error),
    close: () => this.#listeners.clear(),
  };

  readonly port: FarmCore = {
    projection: this.projection,
    presets: [],
    submit: async (request) => {
      this.record('submit', request);
      if (this.refusal !== null) throw this.refusal;
      return { jobs: [], skipped: [] };
    },
    inspect: async (request) => {
      this.record('inspect', request);
      throw new FarmError('SOURCE_NOT_FOUND');
    },
    examine: async (doors) => {
      this.record('examine', doors);
      return { checks: [], examinedAt: '2026-01-01T00:00:00.000Z' };
    },
    watchFolders: () => [],
    addWatchFolder: async (request) => {
      this.record('addWatchFolder', request);
      throw new FarmError('REQUEST_INVALID');
    },
    changeWatchFolder: async (id, change) => {
      this.record('changeWatchFolder', id, change);
      throw new FarmError('NOT_FOUND');
    },
    removeWatchFolder: async (id) => this.record('removeWatchFolder', id),
    why: (jobId) => ({ jobId, note: 'It waits for room on the nodes.', waiting: [] }),
    attempts: async (jobId) => this.history(jobId),
    watchAttempts: async (jobId, listener) => {
      this.record('watchAttempts', jobId, listener);
      return { history: this.history(jobId), stop: () => this.record('stopWatching', jobId) };
    },
    attemptLog: async (request) => {
      this.record('attemptLog', request);
      throw new FarmError('NOT_FOUND');
    },
    quality: async (jobId) => ({ jobId, outputs: [] }),
    placement: () => ({ scope: 'farm', nodes: [], note: null }),
    cancel: async (jobId) => this.record('cancel', jobId),
    retry: async (jobId) => this.record('retry', jobId),
    remove: async (jobId) => {
      this.record('remove', jobId);
      throw new FarmError('JOB_STATE');
    },
    discard: async (jobId) => this.record('discard', jobId),
    restore: async (jobId) => this.record('restore', jobId),
    change: async (jobId, change) => this.record('change', jobId, change),
    duplicate: async (jobId) => {
      this.record('duplicate', jobId);
      return { jobs: [], skipped: [] };
    },
    failures: () => [],
    retryFailures: async (request) => {
      this.record('retryFailures', request);
      return { jobIds: [] };
    },
    giveUpFailures: async (request) => {
      this.record('giveUpFailures', request);
      return { jobIds: [] };
    },
    noteRefusedMessage: (reason) => this.record('noteRefusedMessage', reason),
    releaseNode: async (nameOrId) => this.record('releaseNode', nameOrId),
    pauseNode: async (nameOrId, request) => this.record('pauseNode', nameOrId, request),
    scheduleNode: async (nameOrId, request) => this.record('scheduleNode', nameOrId, request),
    resumeNode: async (nameOrId) => this.record('resumeNode', nameOrId),
    order: async (jobId, change) => this.record('order', jobId, change),
    pauseFarm: async (stopAfter) => this.record('pauseFarm', stopAfter),
    resumeFarm: async () => this.record('resumeFarm'),
    registerUpload: (upload) => {
      this.uploads.push(upload);
    },
    agentHello: async (connection, hello) => {
      this.connections.push(connection);
      this.record('agentHello', connection, hello);
      return { revoked: [] };
    },
    agentHeartbeat: (nodeId, heartbeat) => {
      this.record('agentHeartbeat', nodeId, heartbeat);
      return { revoked: this.revoked };
    },
    agentStanding: async (nodeId, report) => {
      this.record('agentStanding', nodeId, report);
      return null;
    },
    agentProgress: (nodeId, progress) => this.record('agentProgress', nodeId, progress),
    agentUpload: async (nodeId, request): Promise<SignedPut> => {
      this.record('agentUpload', nodeId, request);
      return { key: 'key', url: '/objects/key', headers: {}, multipart: null };
    },
    agentFinished: async (nodeId, finished): Promise<FinishedVerdict> => {
      this.record('agentFinished', nodeId, finished);
      return 'accepted';
    },
    agentLeft: async (connection, reason) => this.record('agentLeft', connection, reason),
    noteFoundNode: (node) => this.record('noteFoundNode', node),
    noteLostNode: (nodeId) => this.record('noteLostNode', nodeId),
    forgetNode: (nodeId: NodeId) => this.record('forgetNode', nodeId),
  };

  history(jobId: JobId): JobHistory {
    return { jobId, now: '', stages: [], attempts: [], omitted: 0, sourceBytes: null, madeBytes: 0 };
  }

  record(kind: string, ...values: unknown[]): void {
    const call = [kind, ...values];
    this.calls.push(call);
    const index = this.#waiting.findIndex((one) => one.kind === kind);
    if (index >= 0) this.#waiting.splice(index, 1)[0]?.resolve(call);
  }

  /** Resolves with the next call of that kind made from now on. */
  next(kind: string): Promise<unknown[]> {
    return new Promise((resolve) => this.#waiting.push({ kind, resolve }));
  }

  of(kind: string): unknown[][] {
    return this.calls.filter(([name]) => name === kind);
  }

  emitPatch(changes: FarmPatch['changes']): void {
    this.sequence += 1;
    for (const listener of this.#listeners) listener({ epoch: 'epoch', sequence: this.sequence, changes });
  }
}

export interface TestDoors {
  readonly core: RecordingCore;
  readonly doors: Doors;
  readonly url: string;
  readonly dataDir: string;
  close(): Promise<void>;
}

const admission: Admission = {
  coordinatorId: 'c-test',
  coordinatorName: 'studio',
  protocolVersion: 1,
  heartbeatIntervalMs: timing.heartbeatIntervalMs,
  leaseTtlMs: timing.leaseTtlMs,
  sameMachineProofFile: '/nowhere/proof',
};

/** Real doors on a free port of this machine, in front of a recording core. */
export async function openTestDoors(changes: Partial<DoorsOptions> = {}): Promise<TestDoors> {
  const dataDir = await mkdtemp(join(tmpdir(), 'reelmill-doors-'));
  const core = new RecordingCore();
  const doors = await createDoors({
    core: core.port,
    projection: core.projection,
    logger: pino({ level: 'silent' }),
    dataDir,
    coordinatorId: 'c-test',
    coordinatorName: 'studio',
    joinToken,
    ownerToken,
    admission,
    staticFolder: null,
    objectDoor: null,
    uploadsFolder: join(dataDir, 'uploads'),
    lan: false,
    ...changes,
  });
  const { port } = await doors.listen({ host: '127.0.0.1', port: 0 });
  return {
    core,
    doors,
    url: `http://127.0.0.1:${port}`,
    dataDir,
    async close() {
      await doors.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
