import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AuthChallenge,
  agentProofText,
  coordinatorProofText,
  FarmError,
  type HandshakeFacts,
  type NodeId,
  nodeKeyText,
} from '@reelmill/protocol';

/** What this agent can prove to a coordinator. */
export interface Secret {
  readonly kind: 'join-token' | 'node-key';
  readonly value: string;
}

const hmacHex = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('hex');

export interface ChallengeQuestion {
  readonly challenge: AuthChallenge;
  readonly nodeId: NodeId;
  readonly agentNonce: string;
  readonly secret: Secret;
}

const factsOf = (question: ChallengeQuestion): HandshakeFacts => ({
  coordinatorId: question.challenge.coordinatorId,
  nodeId: question.nodeId,
  agentNonce: question.agentNonce,
  coordinatorNonce: question.challenge.nonce,
});

/**
 * Checks the coordinator's proof, and only then gives the agent's: a rogue coordinator learns nothing (decision 12).
 * @throws FarmError ROGUE_COORDINATOR
 */
export function answerChallenge(question: ChallengeQuestion): { mac: string } {
  const facts = factsOf(question);
  const expected = Buffer.from(hmacHex(question.secret.value, coordinatorProofText(facts)), 'hex');
  const given = Buffer.from(question.challenge.mac, 'hex');
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    throw new FarmError('ROGUE_COORDINATOR', {
      details: { coordinatorId: facts.coordinatorId, secret: question.secret.kind },
    });
  }
  return { mac: hmacHex(question.secret.value, agentProofText(facts)) };
}

/** The key both sides keep after a join by token. */
export const deriveNodeKey = (question: ChallengeQuestion): string =>
  hmacHex(question.secret.value, nodeKeyText(factsOf(question)));

export interface NodeKeys {
  read(coordinatorId: string): string | null;
  keep(coordinatorId: string, key: string): void;
  /** Which coordinator answered at this address the last time; null when none did. */
  idAt(url: string): string | null;
  noteAddress(url: string, coordinatorId: string): void;
}

/** One file per coordinator or address, mode 0600; named by hash because ids come from the network. */
export function createNodeKeys(folder: string): NodeKeys {
  const fileOf = (kind: 'key' | 'at', id: string): string =>
    join(folder, `${kind}-${createHash('sha256').update(id).digest('hex').slice(0, 32)}`);
  return {
    read: (coordinatorId) => readText(fileOf('key', coordinatorId)),
    keep: (coordinatorId, key) => writeWhole(fileOf('key', coordinatorId), key),
    idAt: (url) => readText(fileOf('at', url)),
    noteAddress(url, coordinatorId) {
      if (readText(fileOf('at', url)) !== coordinatorId) writeWhole(fileOf('at', url), coordinatorId);
    },
  };
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
}

/** A crash leaves the old text or the new one, never half a key. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
