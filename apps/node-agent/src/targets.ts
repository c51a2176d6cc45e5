import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles, FarmError, RuntimeFile } from '@reelmill/protocol';
import type { Discovery } from './discovery.ts';
import type { Target } from './session.ts';
import type { CoordinatorSource } from './settings.ts';
import { urlOf } from './urlOf.ts';

/**
 * Where to dial next. A local coordinator is looked up in its runtime file each time, because a restart may have
 * moved its port.
 */
export async function nextTarget(
  source: CoordinatorSource,
  context: { discovery(): Promise<Discovery>; rememberedId(url: string): string | null; signal: AbortSignal },
): Promise<Target> {
  switch (source.kind) {
    case 'address': {
      const url = urlOf(source.address.host, source.address.port);
      return { url, coordinatorId: context.rememberedId(url) };
    }
    case 'data-dir':
      return localTarget(source.path);
    case 'mdns':
      return (await context.discovery()).next(context.signal);
  }
}

async function localTarget(dataDir: string): Promise<Target> {
  try {
    const runtime = RuntimeFile.parse(JSON.parse(await readFile(join(dataDir, dataFiles.runtime), 'utf8')));
    return { url: urlOf(loopbackOf(runtime.host), runtime.port), coordinatorId: runtime.coordinatorId };
  } catch (cause) {
    throw new FarmError('SERVER_UNREACHABLE', {
      message: `No coordinator runs with the data folder ${dataDir}.`,
      cause,
    });
  }
}

/** A coordinator that listens everywhere is dialled where this machine reaches it without leaving. */
const loopbackOf = (host: string): string => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host);
