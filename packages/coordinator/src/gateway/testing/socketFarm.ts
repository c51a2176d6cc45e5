import type { AgentHello, NodeId, TaskFinished } from '@reelmill/protocol';
import type { AgentConnection, FarmCore } from '../../farmCorePort.ts';
import type { TestFarmDoor } from '../../testing/testAgent.ts';
import type { Knock } from './testAgent.ts';

type AgentCalls = Pick<FarmCore, 'agentHello' | 'agentHeartbeat' | 'agentUpload' | 'agentFinished' | 'agentLeft'>;

const accepted = <T>(answer: { ok: true; value: T } | { ok: false; error: unknown }): T => {
  if (answer.ok) return answer.value;
  throw new Error(JSON.stringify(answer.error));
};

/** The farm as an agent of another process sees it: every word goes through the agents' socket. */
export function throughSocket(farm: TestFarmDoor, { socket }: Knock): TestFarmDoor {
  const calls: AgentCalls = {
    async agentHello(connection: AgentConnection, hello: AgentHello) {
      socket.on('task:offer', (offer, ack) => void connection.offer(offer).then(ack));
      socket.on('task:cancel', (key) => connection.cancel(key));
      return accepted(await socket.emitWithAck('agent:hello', hello));
    },
    agentHeartbeat(_nodeId: NodeId, heartbeat) {
      socket.emit('heartbeat', heartbeat, () => undefined);
      return { revoked: [] };
    },
    agentUpload: async (_nodeId, request) => accepted(await socket.emitWithAck('task:upload', request)),
    agentFinished: async (_nodeId, finished: TaskFinished) =>
      accepted(await socket.emitWithAck('task:finished', finished)),
    agentLeft: async () => void socket.disconnect(),
  };
  return { ...farm, core: { ...farm.core, ...calls } };
}
