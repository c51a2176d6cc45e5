import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A real HTTP server on a free loopback port, for tests. */
export async function listenOnLoopback(
  listener: RequestListener,
): Promise<{ server: Server; baseUrl: string; close(): Promise<void> }> {
  const server = createServer({ requestTimeout: 0 }, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { server, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
