import { parentPort, workerData } from 'node:worker_threads';
import { interfaceNamespace, NodeId } from '@reelmill/protocol';
import { io, type Socket } from 'socket.io-client';

const askEveryMs = 50;

const { apiUrl, ownerToken } = workerData as { apiUrl: string; ownerToken: string };
const answersMs: number[] = [];
let patches = 0;
let patchBytes = 0;
const socket: Socket = io(`${apiUrl}${interfaceNamespace}`, {
  transports: ['websocket'],
  auth: { token: ownerToken, pages: true },
});
socket.on('farm:patch', (patch: unknown) => {
  patches += 1;
  patchBytes += JSON.stringify(patch).length;
});

async function ask(): Promise<void> {
  const sentAt = performance.now();
  await socket.emitWithAck('command', { type: 'forget-node', nodeId: NodeId.parse('no-such-node') });
  answersMs.push(performance.now() - sentAt);
}

socket.once('farm:snapshot', () => {
  // those under way when the window closes are not answered
  const timer = setInterval(() => ask().catch(() => {}), askEveryMs);
  parentPort?.postMessage('open');
  parentPort?.once('message', () => {
    clearInterval(timer);
    socket.close();
    parentPort?.postMessage({ answersMs, patches, patchBytes });
  });
});
