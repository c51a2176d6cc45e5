import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import type { Lending } from './lending.ts';
import { LocalPause } from './pauseFile.ts';

/** Where people at this machine reach the running agent: `{folder}/control.json`, mode 0600. */
export const controlFile = (folder: string): string => join(folder, 'control.json');
export const ControlFile = z.object({ port: z.number().int(), secret: z.string() });

/** `pause` with what is to be in force, or null to end it; without a body it only asks. */
export const ControlRequest = z.object({ pause: LocalPause.nullable() });

export interface ControlDoor {
  close(): void;
}

const mostBytes = 4_096;

/**
 * A door on loopback for `reelmill-agent pause|resume|status`. A socket with a secret in a private file, and not a
 * named pipe: the same on every system, in folders of any length.
 */
export async function openControlDoor(folder: string, lending: Lending): Promise<ControlDoor> {
  const secret = randomBytes(32).toString('hex');
  const server = createServer((request, response) => void answer(request, response, { secret, lending }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const { port } = server.address() as AddressInfo;
  writeFileSync(controlFile(folder), JSON.stringify({ port, secret }), { mode: 0o600 });
  return {
    close() {
      server.close();
      rmSync(controlFile(folder), { force: true });
    },
  };
}

interface Door {
  readonly secret: string;
  readonly lending: Lending;
}

async function answer(request: IncomingMessage, response: ServerResponse, { secret, lending }: Door): Promise<void> {
  const end = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
  };
  try {
    if (!isSame(request.headers.authorization ?? '', `Bearer ${secret}`)) return end(401, null);
    if (request.method === 'POST') {
      const parsed = ControlRequest.safeParse(JSON.parse(await bodyOf(request)));
      if (!parsed.success) return end(400, null);
      await lending.pauseHere(parsed.data.pause);
    }
    end(200, lending.status());
  } catch {
    // Cut off, too long, or no JSON: whoever sent it is told that it was not understood.
    end(400, null);
  }
}

function isSame(given: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)];
  return left.length === right.length && timingSafeEqual(left, right);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) {
    text += String(part);
    if (text.length > mostBytes) throw new RangeError('too long');
  }
  return text;
}
