import type { NodeId } from './ids.ts';

/**
 * Texts both sides authenticate with HMAC-SHA-256 under the join token (or the node key), hex.
 * Role and both nonces are inside, so neither side's proof can be replayed as the other's.
 */
export interface HandshakeFacts {
  readonly coordinatorId: string;
  readonly nodeId: NodeId;
  readonly agentNonce: string;
  readonly coordinatorNonce: string;
}

const text = (label: string, facts: HandshakeFacts): string =>
  ['reelmill-v1', label, facts.coordinatorId, facts.nodeId, facts.agentNonce, facts.coordinatorNonce].join('\n');

/** HMAC input of the coordinator's proof. */
export const coordinatorProofText = (facts: HandshakeFacts): string => text('coordinator', facts);
/** HMAC input of the agent's proof. */
export const agentProofText = (facts: HandshakeFacts): string => text('agent', facts);
/** HMAC input (key: join token) that gives both sides the node key of the first join. */
export const nodeKeyText = (facts: HandshakeFacts): string => text('node-key', facts);
