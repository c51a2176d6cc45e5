import { FarmError } from '@reelmill/protocol';
import { rememberedPort, rememberPort } from './dataFolder.ts';
import type { Doors } from './farmCorePort.ts';

const portsTried = 50;

/**
 * Listens on the port this data folder had last, else on the wanted one, else on the next free one (decision 20); the
 * port taken is remembered, so that agents and bookmarks find a restarted coordinator. 0: any free port.
 */
export async function listenOnFreePort(
  doors: Pick<Doors, 'listen'>,
  wanted: { dataDir: string; host: string; port: number },
): Promise<{ host: string; port: number }> {
  const remembered = await rememberedPort(wanted.dataDir, wanted.port);
  const candidates = remembered === null ? [] : [remembered];
  const following = wanted.port === 0 ? [0] : Array.from({ length: portsTried }, (_, step) => wanted.port + step);
  for (const port of [...candidates, ...following.filter((one) => one <= 65_535)]) {
    const got = await tryPort(doors, { host: wanted.host, port });
    if (got === null) continue;
    await rememberPort(wanted.dataDir, { wanted: wanted.port, got: got.port });
    return got;
  }
  throw new FarmError('USAGE', { message: `No port from ${wanted.port} to ${wanted.port + portsTried - 1} is free.` });
}

async function tryPort(doors: Pick<Doors, 'listen'>, address: { host: string; port: number }) {
  try {
    return await doors.listen(address);
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code === 'EADDRINUSE' || code === 'EACCES') return null;
    if (code === 'EADDRNOTAVAIL') {
      throw new FarmError('USAGE', { message: `This machine has no address ${address.host}.`, cause });
    }
    throw cause;
  }
}
