import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { isLoopback } from '../http/callers.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const everyAddress = '0.0.0.0';
const loopback = '127.0.0.1';
const isWildcard = (host: string): boolean => host === everyAddress || host === '::';

/** Binds one HTTP server, and moves it between loopback and every address while its connections live on. */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #closedLanHost = loopback;
  #bound: ListenAddress | null = null;

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  get bound(): ListenAddress | null {
    return this.#bound;
  }

  /** Rejects with the system's error, e.g. EADDRINUSE. */
  async listen(address: ListenAddress, lan: boolean): Promise<ListenAddress> {
    this.#closedLanHost = lan && isWildcard(address.host) ? loopback : address.host;
    return this.#bind({ host: lan && isLoopback(address.host) ? everyAddress : address.host, port: address.port });
  }

  /** Opens or closes the door to other machines; the port stays. Closing it ends their connections. */
  async setLan(enabled: boolean): Promise<void> {
    const before = this.#bound;
    if (before === null) return;
    const host = enabled ? everyAddress : this.#closedLanHost;
    if (host === before.host) return;
    this.#unbind();
    try {
      await this.#bind({ host, port: before.port });
    } catch (cause) {
      await this.#bind(before);
      throw cause;
    }
    if (!enabled && isLoopback(host)) this.#dropRemote();
  }

  async close(): Promise<void> {
    if (this.#bound === null) return;
    this.#bound = null;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #bind(address: ListenAddress): Promise<ListenAddress> {
    const listening = once(this.#server, 'listening');
    this.#server.listen({ ...address, exclusive: true });
    await listening;
    const actual = this.#server.address();
    const port = typeof actual === 'object' && actual !== null ? actual.port : address.port;
    this.#bound = { host: address.host, port };
    return this.#bound;
  }

  /** Frees the address at once; open connections are not touched and count on. */
  #unbind(): void {
    this.#server.close();
  }

  #dropRemote(): void {
    for (const socket of this.#sockets) {
      if (!isLoopback(socket.remoteAddress)) socket.destroy();
    }
  }
}
