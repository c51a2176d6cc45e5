import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, dial } from '@reelmill/node-agent/connection';
import { startHeart } from '@reelmill/node-agent/heart';
import { FarmError, interfaceNamespace, NodeId, productVersion, type Telemetry } from '@reelmill/protocol';
import { io } from 'socket.io-client';
import { packCommandLine } from './commands.ts';
import { report } from './report.ts';
import { secondsOr } from './rounds.ts';
import { type ServedFarm, startServe } from './serveProcess.ts';
import { percentile, round } from './statistics.ts';

const agents = 1_000;
/** Twice as often as real agents do: the figure is for health once a second. */
const heartbeatMs = 1_000;
const joiningAtOnce = 25;
const measuredMs = 1000 * secondsOr(60);
const settlingMs = 10_000;

/**
 * A thousand simulated agents on the real door: sockets, mutual challenge, admission, and the heart of a real agent
 * with telemetry and disk, which asks for an answer to some beats only. They
 * never get work; what is measured is what a large farm costs its coordinator at rest, with and without a window open.
 */
export async function agentsBench(): Promise<void> {
  packCommandLine();
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-bench-'));
  const farm = await startServe(join(folder, 'data'));
  const connections: Connection[] = [];
  try {
    const joinStartedAt = performance.now();
    let next = 0;
    const joinOnes = async (): Promise<void> => {
      while (next < agents) {
        next += 1;
        connections.push(await joinAs(farm, next));
      }
    };
    await Promise.all(Array.from({ length: joiningAtOnce }, joinOnes));
    const joinSeconds = (performance.now() - joinStartedAt) / 1000;
    const beats = new Heartbeats(connections);
    const alone = await measure(farm, beats);
    const window = io(`${farm.apiUrl}${interfaceNamespace}`, {
      transports: ['websocket'],
      auth: { token: farm.ownerToken },
    });
    const watched = await measure(farm, beats);
    window.close();
    beats.stop();
    report('agents', {
      load: `${agents} agents, a heartbeat with telemetry and disk each ${heartbeatMs} ms`,
      joinSeconds: round(joinSeconds, 1),
      withoutWindow: alone,
      withOneWindow: watched,
      targets: { coordinatorCpuPercentOfOneCore: 15, heartbeatP99Milliseconds: 100 },
    });
  } finally {
    for (const connection of connections) connection.close();
    await farm.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}

const telemetry = (): Telemetry => ({
  cpuPercent: Math.round(Math.random() * 100),
  memoryUsedBytes: 4e9 + Math.round(Math.random() * 1e9),
  freeDiskBytes: 1e12 + Math.round(Math.random() * 1e9),
  temperatureCelsius: null,
  bytesDownloaded: 0,
  bytesUploaded: 0,
});

function joinAs(farm: ServedFarm, number: number): Promise<Connection> {
  const nodeId = NodeId.parse(`bench-${number}`);
  return dial({
    url: farm.apiUrl,
    nodeId,
    secret: { kind: 'join-token', value: farm.joinToken },
    signal: new AbortController().signal,
    hello: async () => ({
      nodeId,
      name: `bench ${number}`,
      productVersion,
      toolchain: { ffmpegVersion: 'bench', buildHash: '0'.repeat(64), arch: 'x64', classId: 'bench', encoders: [] },
      slots: 4,
      cpuCount: 4,
      memoryBytes: 16e9,
      tags: [],
      kinds: null,
      sameMachineProof: null,
      hardware: [],
      waitingOffers: 0,
      closure: null,
      givenBack: [],
      heldLeases: [],
    }),
    onNodeKey: () => {},
    onOffer: () => ({ accepted: false, error: new FarmError('INTERRUPTED').toData() }),
    onCancel: () => {},
    onRecall: () => false,
    onProveHardware: async () => [],
    onPause: () => undefined,
    onHours: () => undefined,
  });
}

/** Each agent's heart, spread over the interval, and how long it waited for answers. */
class Heartbeats {
  #answersMs: number[] = [];
  #beats = 0;
  readonly #stops: (() => void)[] = [];

  constructor(connections: readonly Connection[]) {
    connections.forEach((connection, index) => {
      const start = setTimeout(() => this.#start(connection), (index * heartbeatMs) / connections.length);
      this.#stops.push(() => clearTimeout(start));
    });
  }

  #start(connection: Connection): void {
    const heart = startHeart(connection, {
      timing: { ...connection.admission, heartbeatIntervalMs: heartbeatMs },
      read: () => {
        this.#beats += 1;
        return {
          leases: [],
          telemetry: telemetry(),
          disk: { roomBytes: 1e12 + Math.round(1e9 * Math.random()), low: false },
        };
      },
      onAnswer: (_, tookMs) => void this.#answersMs.push(tookMs),
      // those under way at the end are not answered
      onDead: () => {},
    });
    this.#stops.push(() => heart.stop());
  }

  /** Those since the last call. */
  take(): { beats: number; answersMs: number[] } {
    const taken = { beats: this.#beats, answersMs: this.#answersMs };
    this.#answersMs = [];
    this.#beats = 0;
    return taken;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }
}

async function measure(farm: ServedFarm, beats: Heartbeats) {
  await new Promise((resolve) => setTimeout(resolve, settlingMs));
  beats.take();
  const before = farm.usage();
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, measuredMs));
  const seconds = (performance.now() - startedAt) / 1000;
  const after = farm.usage();
  const { beats: told, answersMs } = beats.take();
  return {
    coordinatorCpuPercentOfOneCore: round((100 * (after.cpuSeconds - before.cpuSeconds)) / seconds, 1),
    heartbeatsPerSecond: Math.round(told / seconds),
    answersPerSecond: Math.round(answersMs.length / seconds),
    heartbeatP50Milliseconds: round(percentile(answersMs, 0.5), 1),
    heartbeatP99Milliseconds: round(percentile(answersMs, 0.99), 1),
    residentMegabytes: Math.round(after.residentBytes / 1e6),
  };
}
