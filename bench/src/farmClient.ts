import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { apiPrefix, FarmPatch, FarmSnapshot, interfaceNamespace } from '@reelmill/protocol';
import { io } from 'socket.io-client';
import type { ServedFarm } from './serveProcess.ts';

const agentProgram = fileURLToPath(new URL('../../apps/node-agent/src/main.ts', import.meta.url));

/** A request of its owner; the answer's JSON, or null where it has none. Throws on anything but success. */
export async function ask<T>(farm: ServedFarm, path: string, body?: object): Promise<T> {
  const response = await fetch(`${farm.apiUrl}${apiPrefix}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${farm.ownerToken}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** What a window hears of the farm as a whole. */
export class FarmEar {
  readonly #socket: ReturnType<typeof io>;
  #stats: FarmSnapshot['farm']['stats'] | null = null;
  #bytes = 0;
  #patches = 0;
  #largest = 0;
  #waiting: { isMet: () => boolean; resolve: () => void } | null = null;

  constructor(farm: ServedFarm) {
    this.#socket = io(`${farm.apiUrl}${interfaceNamespace}`, {
      transports: ['websocket'],
      auth: { token: farm.ownerToken, pages: true },
    });
    this.#socket.on('farm:snapshot', (raw: unknown) => {
      this.#count(raw);
      this.#hear(FarmSnapshot.parse(raw).farm.stats);
    });
    this.#socket.on('farm:patch', (raw: unknown) => {
      this.#patches += 1;
      this.#count(raw);
      const change = FarmPatch.parse(raw).changes.findLast(({ kind }) => kind === 'stats-changed');
      if (change?.kind === 'stats-changed') this.#hear(change.stats);
    });
  }

  /** Resolves once the numbers of the header line are so. */
  until(isMet: (stats: FarmSnapshot['farm']['stats']) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { isMet: () => this.#stats !== null && isMet(this.#stats), resolve };
      this.#check();
    });
  }

  /** Of all messages so far. */
  traffic(): { patches: number; bytes: number; largestBytes: number } {
    return { patches: this.#patches, bytes: this.#bytes, largestBytes: this.#largest };
  }

  close(): void {
    this.#socket.close();
  }

  #count(raw: unknown): void {
    const size = JSON.stringify(raw).length;
    this.#bytes += size;
    this.#largest = Math.max(this.#largest, size);
  }

  #hear(stats: FarmSnapshot['farm']['stats']): void {
    this.#stats = stats;
    this.#check();
  }

  #check(): void {
    if (this.#waiting?.isMet() !== true) return;
    this.#waiting.resolve();
    this.#waiting = null;
  }
}

/** A real agent of this machine, joined. Returns the way to end it. */
export async function startAgent(
  dataDir: string,
  own: { folder: string; slots: number },
): Promise<() => Promise<void>> {
  const args = [agentProgram, '--json', '--local-data-dir', dataDir, '--data', join(own.folder, 'agent')];
  const child: ChildProcess = spawn(process.execPath, [...args, '--slots', String(own.slots), '--no-mdns'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      if (line.startsWith('{') && JSON.parse(line).type === 'joined') resolve();
    });
    void ended.then(() => reject(new Error('the agent ended before it joined')));
  });
  return async () => {
    child.kill('SIGTERM');
    await ended;
  };
}
