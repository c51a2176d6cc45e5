import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureMinio } from './minioBinary.ts';

export { ensureMinio };

export interface MinioServer {
  /** Host name or address, without scheme and port. */
  readonly endpoint: string;
  readonly port: number;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Ends the process; its folder stays. May be called again. */
  stop(): Promise<void>;
}

export interface MinioOptions {
  /** Where the objects are kept; made when missing. */
  readonly folder: string;
  /** Default: any free port; in a namespace 9000. */
  readonly port?: number;
  /** Address to listen on; default loopback. */
  readonly host?: string;
  /** Network namespace to run in (Linux, root); `host` is then an address inside it. */
  readonly namespace?: string;
  /** Keep the keys over a restart on the same folder; default: fresh random ones. */
  readonly accessKey?: string;
  readonly secretKey?: string;
}

const startTimeoutMs = 60_000;
const portInNamespace = 9000;

/** Starts a real MinIO server, building it first where that was never done, and waits until it answers. */
export async function startMinio(options: MinioOptions): Promise<MinioServer> {
  const binary = await ensureMinio();
  const endpoint = options.host ?? '127.0.0.1';
  const port = options.port ?? (options.namespace ? portInNamespace : await freePort(endpoint));
  const accessKey = options.accessKey ?? `test${randomBytes(8).toString('hex')}`;
  const secretKey = options.secretKey ?? randomBytes(20).toString('hex');
  await mkdir(options.folder, { recursive: true });
  const [command = binary, ...args] = [
    ...(options.namespace ? ['ip', 'netns', 'exec', options.namespace] : []),
    binary,
    ...['server', options.folder, '--address', `${endpoint}:${port}`],
  ];
  const child = spawn(command, args, {
    env: { ...process.env, MINIO_ROOT_USER: accessKey, MINIO_ROOT_PASSWORD: secretKey, MINIO_BROWSER: 'off' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const stop = async (): Promise<void> => {
    process.off('exit', killWithUs);
    await end(child);
  };
  try {
    await untilItListens(child);
    // in a namespace the health page is out of reach; the store retries what comes too early
    if (!options.namespace) await untilItIsReady(`http://${endpoint}:${port}/minio/health/ready`);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { endpoint, port, accessKey, secretKey, stop };
}

/** MinIO prints its addresses once its listeners are open. */
async function untilItListens(child: ChildProcess): Promise<void> {
  const ready = Promise.withResolvers<void>();
  let output = '';
  const hear = (piece: Buffer): void => {
    output = (output + piece.toString()).slice(-4000);
    if (/\bAPI: http/.test(output)) ready.resolve();
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  child.once('error', ready.reject);
  child.once('exit', (code, signal) => ready.reject(new Error(`minio ended (${code ?? signal}): ${output}`)));
  const timer = setTimeout(() => ready.reject(new Error(`minio does not start: ${output}`)), startTimeoutMs);
  await ready.promise.finally(() => clearTimeout(timer));
}

async function untilItIsReady(healthUrl: string): Promise<void> {
  const deadline = AbortSignal.timeout(startTimeoutMs);
  for (;;) {
    const answer = await fetch(healthUrl, { signal: deadline });
    await answer.body?.cancel();
    if (answer.ok) return;
    await delay(50, undefined, { signal: deadline });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited.finally(() => clearTimeout(timer));
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
