import { AgentHandshake, FarmError, type NodeId, negotiateProtocol, toFarmError } from '@reelmill/protocol';
import {
  type AgentDoorFacts,
  type AgentNamespace,
  AgentSession,
  type AgentSocket,
  CurrentSessions,
} from './agentSession.ts';

const challengeTimeoutMs = 5_000;
/** Anything larger from an agent is an artifact (decision 17). */
const messageLimitBytes = 64 * 1024;

const sizeOf = (data: unknown): number =>
  typeof data === 'string' ? Buffer.byteLength(data) : data instanceof Uint8Array ? data.byteLength : 0;

function limitMessages(socket: AgentSocket, { logger, core }: AgentDoorFacts): void {
  socket.conn.on('packet', ({ data }: { data?: unknown }) => {
    if (sizeOf(data) <= messageLimitBytes) return;
    core.noteRefusedMessage('oversized');
    logger.warn({ address: socket.handshake.address }, 'an agent sent a message above 64 KiB and was disconnected');
    socket.conn.close(true);
  });
}

function refuse(
  socket: AgentSocket,
  facts: AgentDoorFacts,
  refusal: { error: FarmError; nodeId: NodeId | null },
): void {
  const { error, nodeId } = refusal;
  if (error.code === 'PROTOCOL_MISMATCH') facts.core.noteRefusedMessage('unknown-version');
  facts.logger.warn({ code: error.code, nodeId, address: socket.handshake.address }, 'an agent was refused');
  if (nodeId !== null) facts.refused(nodeId, error);
  socket.emit('auth:refused', error.toData());
  socket.disconnect(true);
}

/** Proves both sides to each other; resolves with nothing to say when the peer is whom it claims to be. */
async function prove(socket: AgentSocket, handshake: AgentHandshake, facts: AgentDoorFacts): Promise<number> {
  const protocolVersion = negotiateProtocol(handshake.protocol);
  if (protocolVersion === undefined) throw new FarmError('PROTOCOL_MISMATCH', { details: handshake.protocol });
  await facts.authenticate(handshake, async (challenge) => {
    try {
      return await socket.timeout(challengeTimeoutMs).emitWithAck('auth:challenge', challenge);
    } catch (cause) {
      throw new FarmError('NOT_AUTHORIZED', { message: 'The node did not answer the challenge in time.', cause });
    }
  });
  return protocolVersion;
}

/** Opens the agents' door (decision 12): handshake, mutual challenge, admission, then messages. */
export function openAgentDoor(
  namespace: AgentNamespace,
  facts: AgentDoorFacts,
): { drop(nodeId: NodeId): Promise<void> } {
  const current = new CurrentSessions();

  async function welcome(socket: AgentSocket): Promise<void> {
    limitMessages(socket, facts);
    const handshake = AgentHandshake.safeParse(socket.handshake.auth);
    if (!handshake.success) {
      refuse(socket, facts, { error: new FarmError('NOT_AUTHORIZED', { message: 'No handshake.' }), nodeId: null });
      return;
    }
    const { nodeId } = handshake.data;
    try {
      const protocolVersion = await prove(socket, handshake.data, facts);
      if (!socket.connected) return;
      new AgentSession(socket, nodeId, { facts, current }).listen();
      socket.emit('agent:admitted', { ...facts.admission, protocolVersion });
    } catch (cause) {
      refuse(socket, facts, { error: toFarmError(cause), nodeId });
    }
  }

  namespace.on('connection', (socket) => void welcome(socket));
  return {
    async drop(nodeId) {
      await current.get(nodeId)?.end();
    },
  };
}
