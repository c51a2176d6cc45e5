import { type HardwareCandidate, hardwareClassesOf, throwIfAborted } from '@reelmill/media';
import type { HardwareProof, NodeId, Toolchain } from '@reelmill/protocol';
import { isClosed, leasesOf } from '@reelmill/scheduler';
import type { CoreContext } from '../coreContext.ts';
import type { AgentConnection, NodeFacts } from '../farmCorePort.ts';

/** What the connected nodes found out about their hardware encoders. Nodes try them once, when they are asked. */
export interface HardwareDesk {
  joined(node: JoinedNode, proofs: readonly HardwareProof[] | null): void;
  left(nodeId: NodeId): void;
  /** null: the node was not asked yet, or has not answered. */
  proofsOf(nodeId: NodeId): readonly HardwareProof[] | null;
  /**
   * All connected nodes with their proofs; those that have none are asked, and so are nodes that join from now on.
   * Where nobody is connected it waits a while for the first.
   * @throws FarmError CANCELED when the signal ends
   */
  candidates(signal: AbortSignal): Promise<HardwareCandidate[]>;
  /** Asks one node that was never asked and has had nothing to do since it joined. */
  askIdle(): void;
}

interface JoinedNode {
  readonly connection: AgentConnection;
  readonly facts: NodeFacts;
  readonly toolchain: Toolchain;
}

interface NodeEntry extends JoinedNode {
  readonly joinedMs: number;
  proofs: readonly HardwareProof[] | null;
  asking: Promise<void> | null;
  wasAsked: boolean;
}

/** After joining a node first does what it came for. */
const idleAfterMs = 5_000;
/** Agents of a farm that starts with its first job join within about a second. */
const firstNodeMs = 10_000;

/** Makes the desk of one coordinator. */
export function createHardwareDesk(
  context: Pick<CoreContext, 'dispatcher' | 'logger' | 'emit'>,
  nowMs = () => performance.now(),
): HardwareDesk {
  const { dispatcher, logger } = context;
  const nodes = new Map<NodeId, NodeEntry>();
  const waiting = new Set<() => void>();
  let isWanted = false;

  const tell = (nodeId: NodeId, proofs: readonly HardwareProof[] | null): void =>
    context.emit({ kind: 'node-hardware', nodeId, proofs });

  const learn = async (nodeId: NodeId, entry: NodeEntry): Promise<void> => {
    try {
      const proofs = await entry.connection.proveHardware();
      // a node that said hello again meanwhile is asked again
      if (nodes.get(nodeId) !== entry) return;
      entry.proofs = proofs;
      tell(nodeId, proofs);
      const hardwareClasses = hardwareClassesOf(entry.toolchain.classId, proofs);
      await dispatcher.run({ type: 'prove-node', nodeId, hardwareClasses });
    } catch (cause) {
      logger.warn({ err: cause, nodeId }, 'a node did not tell about its hardware encoders');
    } finally {
      entry.asking = null;
    }
  };

  const ask = async (nodeId: NodeId): Promise<void> => {
    const entry = nodes.get(nodeId);
    if (entry === undefined || entry.proofs !== null) return;
    entry.wasAsked = true;
    entry.asking ??= learn(nodeId, entry);
    await entry.asking;
  };

  const firstNode = async (signal: AbortSignal): Promise<void> => {
    if (nodes.size > 0) return;
    await new Promise<void>((resolve) => {
      waiting.add(resolve);
      AbortSignal.any([signal, AbortSignal.timeout(firstNodeMs)]).addEventListener('abort', () => resolve());
    });
    waiting.clear();
  };

  return {
    joined(node, proofs) {
      const { nodeId } = node.facts;
      nodes.set(nodeId, { ...node, proofs, joinedMs: nowMs(), asking: null, wasAsked: false });
      tell(nodeId, proofs);
      if (isWanted) void ask(nodeId);
      for (const resolve of waiting) resolve();
    },
    left: (nodeId) => void nodes.delete(nodeId),
    proofsOf: (nodeId) => nodes.get(nodeId)?.proofs ?? null,
    async candidates(signal) {
      isWanted = true;
      await firstNode(signal);
      throwIfAborted(signal);
      await untilAborted(Promise.all([...nodes.keys()].map(ask)), signal);
      throwIfAborted(signal);
      return [...nodes.values()].map(({ facts, toolchain, proofs }) => ({ ...facts, toolchain, proofs }));
    },
    askIdle() {
      const state = dispatcher.state();
      for (const [nodeId, { proofs, wasAsked, joinedMs }] of nodes) {
        const node = state.nodes.get(nodeId);
        // Also tries of encoders use the machine: not while its owner has it.
        const isFree = node !== undefined && !isClosed(state, node) && leasesOf(state, nodeId).size === 0;
        if (proofs !== null || wasAsked || !isFree || nowMs() - joinedMs < idleAfterMs) continue;
        return void ask(nodeId);
      }
    },
  };
}

const untilAborted = (work: Promise<unknown>, signal: AbortSignal): Promise<unknown> =>
  Promise.race([
    work,
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
  ]);
