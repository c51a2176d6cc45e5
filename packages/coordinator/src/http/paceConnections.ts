import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Each costs about a third of a millisecond until its first request is answered or waits. */
const connectionsPerTurn = 16;

/**
 * Takes in new connections a few per turn of the event loop: after a thousand at once, sockets that are open already
 * would wait until all of them had been read. To be called before anything else listens to the server's connections.
 */
export function paceConnections(server: Server): void {
  const takeIn = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  // documented as an option of net.Server, which http.createServer does not pass on
  Object.assign(server, { pauseOnConnect: true });
  const line: Socket[] = [];
  const next = (): void => {
    for (const socket of line.splice(0, connectionsPerTurn)) {
      for (const take of takeIn) take.call(server, socket);
      socket.resume();
    }
    if (line.length > 0) setImmediate(next);
  };
  server.on('connection', (socket) => {
    line.push(socket);
    if (line.length === 1) setImmediate(next);
  });
}
