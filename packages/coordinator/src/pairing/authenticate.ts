import {
  type AgentHandshake,
  AuthAnswer,
  type AuthChallenge,
  agentProofText,
  coordinatorProofText,
  ErrorData,
  FarmError,
  type HandshakeFacts,
  nodeKeyText,
} from '@reelmill/protocol';
import { z } from 'zod';
import type { NodeKeys } from './nodeKeys.ts';
import { macOf, randomSecret, sameSecret } from './secrets.ts';

/** Delivers the challenge to the agent and resolves with what it answered, unparsed. Rejects after its time. */
export type AskAgent = (challenge: AuthChallenge) => Promise<unknown>;

/**
 * The one seam of agent authentication (decision 12): resolves when the peer proved that it is `handshake.nodeId`,
 * rejects with a FarmError otherwise. Pairing and TLS will be other implementations of it.
 */
export type Authenticate = (handshake: AgentHandshake, ask: AskAgent) => Promise<void>;

export interface SharedSecrets {
  readonly coordinatorId: string;
  readonly joinToken: string;
  readonly nodeKeys: NodeKeys;
}

const Answer = z.union([AuthAnswer, z.object({ refused: ErrorData })]);

const refusal = (message: string): FarmError => new FarmError('NOT_AUTHORIZED', { message });

function keyFor(handshake: AgentHandshake, secrets: SharedSecrets): string {
  if (handshake.secret === 'join-token') return secrets.joinToken;
  const key = secrets.nodeKeys.get(handshake.nodeId);
  if (key === undefined) throw refusal('This coordinator knows no key of this node; join with the join token.');
  return key;
}

/**
 * Mutual challenge: the coordinator proves first that it knows the secret, then the agent does. Both proofs cover both
 * nonces, so neither side's words can be used again; a coordinator that does not know the secret learns nothing.
 */
export function challengeWith(secrets: SharedSecrets): Authenticate {
  return async (handshake, ask) => {
    const key = keyFor(handshake, secrets);
    const facts: HandshakeFacts = {
      coordinatorId: secrets.coordinatorId,
      nodeId: handshake.nodeId,
      agentNonce: handshake.nonce,
      coordinatorNonce: randomSecret(),
    };
    const mac = macOf(key, coordinatorProofText(facts));
    const raw = await ask({ coordinatorId: facts.coordinatorId, nonce: facts.coordinatorNonce, mac });
    const answer = Answer.safeParse(raw);
    if (!answer.success) throw refusal('The node did not answer the challenge.');
    if ('refused' in answer.data) throw refusal('The node does not trust this coordinator: their tokens differ.');
    if (!sameSecret(answer.data.mac, macOf(key, agentProofText(facts)))) {
      throw refusal('The node could not prove that it knows the token.');
    }
    if (handshake.secret === 'join-token') {
      await secrets.nodeKeys.keep(handshake.nodeId, macOf(key, nodeKeyText(facts)));
    }
  };
}
