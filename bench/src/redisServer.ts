import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RedisServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** How often an append-only Redis syncs: at each write, or once a second. */
export type RedisSync = 'always' | 'everysec';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A Redis of its own on loopback, append-only, in a folder that goes with it. Throws where none is installed. */
export async function startRedis(sync: RedisSync): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-bench-redis-'));
  const port = await freePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const child = spawn('redis-server', [...args, '--appendonly', 'yes', '--appendfsync', sync], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('error', () => reject(new Error('redis-server is not installed: apt-get install redis-server')));
    child.once('close', (code) => reject(new Error(`redis-server ended with ${code}`)));
    child.stdout.on('data', (text) => String(text).includes('Ready to accept connections') && resolve());
  });
  return {
    port,
    async stop() {
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
