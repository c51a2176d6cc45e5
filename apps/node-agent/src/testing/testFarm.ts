import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AgentHandshake,
  type AgentHello,
  type AgentToCoordinator,
  agentNamespace,
  agentProofText,
  type CoordinatorToAgent,
  coordinatorProofText,
  type FinishedVerdict,
  type HandshakeFacts,
  type Heartbeat,
  type LeaseKey,
  nodeKeyText,
  type OfferAnswer,
  type TaskFinished,
  type TaskOffer,
  type TaskProgress,
  timing,
} from '@reelmill/protocol';
import { createDiskStore, type DiskStore } from '@reelmill/storage';
import { Server, type Socket } from 'socket.io';

type AgentSocket = Socket<AgentToCoordinator, CoordinatorToAgent>;

/** What happened at the door, in order; `next` waits for more. */
export class Happenings<T> {
  readonly seen: T[] = [];
  #taken = 0;
  #wake: (() => void) | null = null;

  push(one: T): void {
    this.seen.push(one);
    this.#wake?.();
  }

  /** The first happening not yet taken that fits. */
  async next(fits: (one: T) => boolean = () => true): Promise<T> {
    for (;;) {
      while (this.#taken < this.seen.length) {
        const one = this.seen[this.#taken] as T;
        this.#taken += 1;
        if (fits(one)) return one;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

export interface TestFarmOptions {
  readonly joinToken?: string;
  readonly port?: number;
  /** Proves another token than the agents have. */
  readonly rogue?: boolean;
  readonly heartbeatIntervalMs?: number;
  readonly leaseTtlMs?: number;
  readonly nodeKeys?: Map<string, string>;
}

/**
 * A coordinator's door for tests: the real challenge, the real embedded store, and the test itself as scheduler. The
 * whole product is tested with the real coordinator; here single messages can be withheld.
 */
export class TestFarm {
  readonly joinToken: string;
  readonly coordinatorId = 'test-farm';
  readonly folder = mkdtempSync(join(tmpdir(), 'reelmill-test-farm-'));
  readonly proofFile = join(this.folder, 'same-machine-proof');
  readonly handshakes = new Happenings<AgentHandshake>();
  readonly hellos = new Happenings<AgentHello>();
  readonly heartbeats = new Happenings<Heartbeat>();
  readonly progress = new Happenings<TaskProgress>();
  readonly finished = new Happenings<TaskFinished>();
  readonly left = new Happenings<string>();
  readonly nodeKeys: Map<string, string>;
  readonly store: DiskStore;
  /** Answers reports; null: says nothing, as a coordinator that was killed. */
  verdict: FinishedVerdict | null = 'accepted';
  /** Named in the next answers to hello and heartbeat. */
  revoked: LeaseKey[] = [];
  url = '';
  #socket: AgentSocket | null = null;
  readonly #options: TestFarmOptions;
  readonly #http = createServer((request, response) => void this.store.handle(request, response));
  readonly #io: Server<AgentToCoordinator, CoordinatorToAgent>;

  private constructor(options: TestFarmOptions) {
    this.#options = options;
    this.joinToken = options.joinToken ?? randomBytes(32).toString('hex');
    this.nodeKeys = options.nodeKeys ?? new Map();
    writeFileSync(this.proofFile, randomBytes(32).toString('hex'));
    this.store = createDiskStore({
      folder: join(this.folder, 'store'),
      secret: randomBytes(32),
      baseUrlPath: '/objects',
    });
    this.#io = new Server(this.#http, { transports: ['websocket'] });
    this.#io.of(agentNamespace).on('connection', (socket) => void this.#admit(socket as unknown as AgentSocket));
  }

  static async open(options: TestFarmOptions = {}): Promise<TestFarm> {
    const farm = new TestFarm(options);
    await farm.store.ready();
    farm.#http.listen(options.port ?? 0, '127.0.0.1');
    await once(farm.#http, 'listening');
    farm.url = `http://127.0.0.1:${farm.port}`;
    return farm;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  async offer(offer: TaskOffer): Promise<OfferAnswer> {
    if (this.#socket === null) throw new Error('no agent is connected');
    return this.#socket.timeout(5_000).emitWithAck('task:offer', offer);
  }

  async recall(key: LeaseKey): Promise<boolean> {
    if (this.#socket === null) throw new Error('no agent is connected');
    return (await this.#socket.timeout(5_000).emitWithAck('task:recall', key)).returned;
  }

  cancel(key: LeaseKey): void {
    this.#socket?.emit('task:cancel', key);
  }

  /** Cuts the line without a goodbye. */
  cut(): void {
    this.#socket?.conn.close();
  }

  async close(): Promise<void> {
    await this.#io.close();
  }

  async #admit(socket: AgentSocket): Promise<void> {
    const handshake = socket.handshake.auth as AgentHandshake;
    this.handshakes.push(handshake);
    const key = handshake.secret === 'node-key' ? this.nodeKeys.get(handshake.nodeId) : this.joinToken;
    const refusal = { code: 'NOT_AUTHORIZED' as const, cause: 'no', fix: 'none', details: {} };
    if (key === undefined) return void socket.emit('auth:refused', refusal);
    const mac = (text: string): string =>
      createHmac('sha256', this.#options.rogue ? 'guess' : key)
        .update(text)
        .digest('hex');
    const nonce = randomBytes(32).toString('hex');
    const { coordinatorId } = this;
    const facts: HandshakeFacts = {
      coordinatorId,
      nodeId: handshake.nodeId,
      agentNonce: handshake.nonce,
      coordinatorNonce: nonce,
    };
    const answer = await socket.emitWithAck('auth:challenge', {
      coordinatorId,
      nonce,
      mac: mac(coordinatorProofText(facts)),
    });
    if (!('mac' in answer) || answer.mac !== mac(agentProofText(facts))) {
      return void socket.emit('auth:refused', refusal);
    }
    if (handshake.secret === 'join-token') this.nodeKeys.set(handshake.nodeId, mac(nodeKeyText(facts)));
    this.#listen(socket);
    socket.emit('agent:admitted', {
      coordinatorId,
      coordinatorName: 'test farm',
      protocolVersion: 1,
      heartbeatIntervalMs: this.#options.heartbeatIntervalMs ?? timing.heartbeatIntervalMs,
      leaseTtlMs: this.#options.leaseTtlMs ?? timing.leaseTtlMs,
      sameMachineProofFile: this.proofFile,
    });
  }

  #listen(socket: AgentSocket): void {
    this.#socket = socket;
    socket.on('agent:hello', (hello, ack) => {
      ack({ ok: true, value: { revoked: this.revoked } });
      this.hellos.push(hello);
    });
    socket.on('heartbeat', (heartbeat, ack) => {
      ack?.({ ok: true, value: { revoked: this.revoked } });
      this.heartbeats.push(heartbeat);
    });
    socket.on('task:progress', (progress) => this.progress.push(progress));
    socket.on('task:upload', async ({ taskId, attempt, name, sizeBytes, sha256 }, ack) => {
      const [jobId, ...rest] = taskId.split('/');
      const key = `videos/${jobId}/attempts/${rest.join('-')}/${attempt}-${name}`;
      const put = await this.store.signPut(key, { ttlSeconds: 60, baseUrl: this.url, sizeBytes, sha256 });
      ack({ ok: true, value: put });
    });
    socket.on('task:finished', (finished, ack) => {
      this.finished.push(finished);
      if (this.verdict !== null) ack({ ok: true, value: this.verdict });
    });
    socket.on('agent:bye', (ack) => {
      this.left.push('bye');
      ack({ ok: true, value: null });
    });
    socket.on('disconnect', (reason) => this.left.push(reason));
  }
}
