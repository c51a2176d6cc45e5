import { createHmac, randomBytes } from 'node:crypto';
import {
  type Admission,
  type AgentHello,
  type AgentToCoordinator,
  type AuthChallenge,
  agentNamespace,
  agentProofText,
  type CoordinatorToAgent,
  type ErrorData,
  type HandshakeFacts,
  type NodeId,
  nodeKeyText,
} from '@reelmill/protocol';
import { io, type Socket } from 'socket.io-client';

export const nodeId = 'node-one' as NodeId;

const mac = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('hex');

export interface KnockOptions {
  readonly nodeId?: NodeId;
  /** Key of the proof. */
  readonly key: string;
  readonly secret?: 'join-token' | 'node-key';
  readonly protocol?: { min: number; max: number };
  readonly headers?: Record<string, string>;
  /** Replaces the honest answer to the challenge. */
  readonly answer?: (challenge: AuthChallenge, honest: string) => unknown;
}

export interface Knock {
  readonly socket: Socket<CoordinatorToAgent, AgentToCoordinator>;
  readonly challenge: Promise<AuthChallenge>;
  readonly admitted: Promise<Admission>;
  readonly refused: Promise<ErrorData>;
  readonly disconnected: Promise<string>;
  readonly failed: Promise<Error>;
  /** Facts and key of the node after the challenge. */
  nodeKey(): string;
  proof(): string;
}

/** An agent reduced to its handshake, able to misbehave: what the door must withstand. */
export function knock(url: string, options: KnockOptions): Knock {
  const id = options.nodeId ?? nodeId;
  const nonce = randomBytes(32).toString('hex');
  const socket: Knock['socket'] = io(url + agentNamespace, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    extraHeaders: options.headers ?? {},
    auth: {
      nodeId: id,
      nonce,
      protocol: options.protocol ?? { min: 1, max: 1 },
      secret: options.secret ?? 'join-token',
    },
  });
  let facts: HandshakeFacts | null = null;
  const known = (): HandshakeFacts => {
    if (facts === null) throw new Error('no challenge was received yet');
    return facts;
  };
  const challenge = new Promise<AuthChallenge>((resolve) => {
    socket.on('auth:challenge', (received, ack) => {
      facts = {
        coordinatorId: received.coordinatorId,
        nodeId: id,
        agentNonce: nonce,
        coordinatorNonce: received.nonce,
      };
      const honest = mac(options.key, agentProofText(facts));
      ack((options.answer?.(received, honest) ?? { mac: honest }) as { mac: string });
      resolve(received);
    });
  });
  return {
    socket,
    challenge,
    admitted: new Promise((resolve) => socket.once('agent:admitted', resolve)),
    refused: new Promise((resolve) => socket.once('auth:refused', resolve)),
    disconnected: new Promise((resolve) => socket.once('disconnect', resolve)),
    failed: new Promise((resolve) => socket.once('connect_error', resolve)),
    nodeKey: () => mac(options.key, nodeKeyText(known())),
    proof: () => mac(options.key, agentProofText(known())),
  };
}

export const helloOf = (id: NodeId = nodeId): AgentHello => ({
  nodeId: id,
  name: 'studio-two',
  productVersion: '0.1.0',
  toolchain: { ffmpegVersion: '5.1.9', buildHash: 'c'.repeat(64), arch: 'x64', classId: 'cccc-x64', encoders: [] },
  slots: 2,
  waitingOffers: 0,
  cpuCount: 4,
  memoryBytes: 8e9,
  tags: [],
  kinds: null,
  closure: null,
  givenBack: [],
  sameMachineProof: null,
  hardware: null,
  heldLeases: [],
});
