import { existsSync } from 'node:fs';
import { readFile, watch } from 'node:fs/promises';
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
      await untilRuntimeFile(source.path, context.signal);
      return localTarget(source.path);
    case 'mdns':
      return (await context.discovery()).next(context.signal);
  }
}

/** How long an agent that was started together with its coordinator waits for it before it reports anything. */
const startTogetherMs = 3_000;

/** Resolves when the runtime file exists, or after the time above; the caller tells what is missing then. */
async function untilRuntimeFile(dataDir: string, signal: AbortSignal): Promise<void> {
  const exists = (): boolean => existsSync(join(dataDir, dataFiles.runtime));
  if (exists() || !existsSync(dataDir)) return;
  const enough = AbortSignal.any([signal, AbortSignal.timeout(startTogetherMs)]);
  try {
    const changes = watch(dataDir, { signal: enough });
    for await (const _ of changes) if (exists()) return;
  } catch (cause) {
    if (!enough.aborted) throw cause;
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
