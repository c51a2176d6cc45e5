import { hardwareClassesOf } from '@reelmill/media';
import {
  type AgentHello,
  type Heartbeat,
  type HeartbeatAnswer,
  type LeaseKey,
  type NodeId,
  type Toolchain,
  timing,
} from '@reelmill/protocol';
import { revokedLeases } from '@reelmill/scheduler';
import type { CoreContext } from '../coreContext.ts';
import type { AgentConnection, NodeFacts } from '../farmCorePort.ts';

export interface ConnectedAgent {
  readonly connection: AgentConnection;
  readonly facts: NodeFacts;
  readonly toolchain: Toolchain;
  /** Leases whose agent cannot renew them now: the offer is on its way, or the result is being examined. */
  readonly kept: Map<string, LeaseKey>;
}

/** Agents connected now. */
export interface AgentRoster {
  get(nodeId: NodeId): ConnectedAgent | undefined;
  all(): Iterable<ConnectedAgent>;
  join(connection: AgentConnection, hello: AgentHello): Promise<{ revoked: LeaseKey[] }>;
  leave(connection: AgentConnection, reason: 'bye' | 'disconnected'): Promise<void>;
  /** Renews the agent's leases; every one it names that no longer counts is in the answer. */
  heartbeat(nodeId: NodeId, heartbeat: Pick<Heartbeat, 'leases' | 'disk'>): HeartbeatAnswer;
  /** Keeps the lease alive on the agent's behalf while `work` runs. */
  keepWhile<T>(nodeId: NodeId, key: LeaseKey, work: () => Promise<T>): Promise<T>;
  /** Renews kept leases; called more often than a lease lasts. */
  renewKept(): void;
}

const keyText = (key: LeaseKey): string => `${key.taskId}#${key.attempt}`;

/** Makes the roster; `sameMachineProof` is what only processes of this machine can have read (decision 14). */
export function createAgentRoster(context: CoreContext, sameMachineProof: string): AgentRoster {
  const agents = new Map<NodeId, ConnectedAgent>();
  const { dispatcher } = context;
  const revokedOf = (nodeId: NodeId, held: readonly LeaseKey[]): LeaseKey[] =>
    revokedLeases(dispatcher.state(), nodeId, held).map(({ taskId, attempt }) => ({ taskId, attempt }));
  return {
    get: (nodeId) => agents.get(nodeId),
    all: () => agents.values(),
    async join(connection, hello) {
      const local = hello.sameMachineProof === sameMachineProof;
      const facts = factsOf(connection, hello, local);
      const kept = agents.get(hello.nodeId)?.kept ?? new Map<string, LeaseKey>();
      agents.set(hello.nodeId, { connection, facts, toolchain: hello.toolchain, kept });
      context.emit({ kind: 'node-connected', facts });
      context.hardware.joined({ connection, facts, toolchain: hello.toolchain }, hello.hardware);
      const { nodeId, name, slots } = facts;
      const toolchainClass = hello.toolchain.classId;
      const hardwareClasses = hardwareClassesOf(toolchainClass, hello.hardware ?? []);
      const { waitingOffers, closure, givenBack } = hello;
      const needs = needsMetBy(hello);
      const node = { nodeId, name, slots, waitingOffers, local, toolchainClass, hardwareClasses, closure, ...needs };
      await dispatcher.run({ type: 'join-node', node, held: [...hello.heldLeases, ...kept.values()], givenBack });
      return { revoked: revokedOf(nodeId, hello.heldLeases) };
    },
    async leave(connection, reason) {
      if (agents.get(connection.nodeId)?.connection !== connection) return;
      agents.delete(connection.nodeId);
      context.hardware.left(connection.nodeId);
      context.emit({ kind: 'node-disconnected', nodeId: connection.nodeId, reason });
      await dispatcher.run({ type: 'leave-node', nodeId: connection.nodeId, reason });
    },
    heartbeat(nodeId, { leases, disk }) {
      dispatcher.runVolatile({ type: 'heartbeat', nodeId, held: leases, ...(disk && { disk }) });
      // Told again and again: a pause, or hours, that did not arrive is heard with the next answer.
      const { pauses, hours } = dispatcher.state();
      const orders = { pause: pauses.get(nodeId) ?? null, hours: hours.get(nodeId) ?? null };
      return { revoked: revokedOf(nodeId, leases), ...orders };
    },
    async keepWhile(nodeId, key, work) {
      const kept = agents.get(nodeId)?.kept;
      kept?.set(keyText(key), key);
      try {
        return await work();
      } finally {
        kept?.delete(keyText(key));
      }
    },
    renewKept() {
      for (const [nodeId, agent] of agents) {
        if (agent.kept.size > 0) dispatcher.runVolatile({ type: 'heartbeat', nodeId, held: [...agent.kept.values()] });
      }
    },
  };
}

/** Half of the time an agent has to answer: kept leases are renewed well before they end. */
export const renewKeptIntervalMs = timing.leaseTtlMs / 4;

/** What tasks may ask of a node beside its toolchain. */
const needsMetBy = ({ memoryBytes, taskMemoryBytes, disk, tags, kinds, kindCaps, farmHours }: AgentHello) => ({
  ...(farmHours !== undefined && { farmHours }),
  memoryBytes: taskMemoryBytes ?? memoryBytes,
  ...(disk && { disk }),
  tags,
  ...(kinds !== null && { kinds }),
  ...(kindCaps && { kindCaps }),
});

const factsOf = (connection: AgentConnection, hello: AgentHello, local: boolean): NodeFacts => ({
  nodeId: hello.nodeId,
  name: hello.name,
  address: connection.address,
  local,
  slots: hello.slots,
  memoryBytes: hello.memoryBytes,
  taskMemoryBytes: hello.taskMemoryBytes ?? hello.memoryBytes,
  tags: hello.tags,
  kinds: hello.kinds,
  ...(hello.kindCaps && { kindCaps: hello.kindCaps }),
  ffmpegVersion: hello.toolchain.ffmpegVersion,
  ...(hello.lending !== undefined && { lending: hello.lending }),
});
