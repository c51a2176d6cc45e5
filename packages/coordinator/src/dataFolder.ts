import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { dataFiles, FarmError, RuntimeFile } from '@reelmill/protocol';

/** What a coordinator keeps between its runs, besides journal and store. */
export interface FarmIdentity {
  readonly coordinatorId: string;
  readonly joinToken: string;
  readonly ownerToken: string;
  /** Signs URLs of the embedded store. */
  readonly storeSecret: Uint8Array;
  /** New at each start; only processes of this machine can read it (decision 14). */
  readonly sameMachineProof: string;
}

export interface DataFolderLock {
  release(): void;
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');

/**
 * One coordinator per data folder (decision 20). The lock is the operating system's, held through SQLite: it ends with
 * its process whatever signal that gets, so no stale lock is ever judged by a pid.
 * Throws DATA_DIR_BUSY with `details.runtime` (a RuntimeFile, or null) of the coordinator that holds it.
 */
export async function lockDataFolder(dataDir: string): Promise<DataFolderLock> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await chmod(dataDir, 0o700);
  const database = new DatabaseSync(join(dataDir, 'lock.sqlite'), { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    const runtime = await readRuntimeFile(dataDir);
    throw new FarmError('DATA_DIR_BUSY', {
      message: `Another coordinator uses ${dataDir}${runtime === null ? '' : ` (process ${runtime.pid}, ${runtime.apiUrl})`}.`,
      cause,
      details: { dataDir, runtime },
    });
  }
  return {
    release() {
      if (database.isOpen) database.close();
    },
  };
}

/** The running coordinator of a data folder as it described itself, or null. It may be dead by now. */
export async function readRuntimeFile(dataDir: string): Promise<RuntimeFile | null> {
  const text = await readText(join(dataDir, dataFiles.runtime));
  if (text === null) return null;
  const parsed = RuntimeFile.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

export async function writeRuntimeFile(dataDir: string, runtime: RuntimeFile): Promise<void> {
  await writePrivate(join(dataDir, dataFiles.runtime), `${JSON.stringify(runtime, null, 2)}\n`);
}

export const removeRuntimeFile = (dataDir: string): Promise<void> =>
  rm(join(dataDir, dataFiles.runtime), { force: true });

/** Reads or makes ids and secrets, all mode 0600. */
export async function loadIdentity(dataDir: string): Promise<FarmIdentity> {
  const keep = async (name: string, make: () => string): Promise<string> => {
    const path = join(dataDir, name);
    const known = (await readText(path))?.trim();
    if (known !== undefined && known !== '') return known;
    const made = make();
    await writePrivate(path, `${made}\n`);
    return made;
  };
  const sameMachineProof = hex(32);
  await writePrivate(join(dataDir, dataFiles.sameMachineProof), sameMachineProof);
  return {
    coordinatorId: await keep('coordinator-id', () => `c-${hex(8)}`),
    joinToken: await keep(dataFiles.joinToken, () => hex(32)),
    ownerToken: await keep(dataFiles.ownerToken, () => hex(32)),
    storeSecret: Buffer.from(await keep('store-secret', () => hex(32)), 'hex'),
    sameMachineProof,
  };
}

/** The port this folder's coordinator got when `wanted` was asked for: agents and bookmarks find it again. */
export async function rememberedPort(dataDir: string, wanted: number): Promise<number | null> {
  const text = await readText(join(dataDir, 'port.json'));
  const known = text === null ? null : (JSON.parse(text) as { wanted?: unknown; got?: unknown });
  return known?.wanted === wanted && typeof known.got === 'number' ? known.got : null;
}

export const rememberPort = (dataDir: string, port: { wanted: number; got: number }): Promise<void> =>
  writePrivate(join(dataDir, 'port.json'), JSON.stringify(port));

/**
 * When this process started, as the system tells it: with the pid it names one process for ever. Linux: clock ticks
 * since boot, field 22 of /proc/[pid]/stat (proc(5)); elsewhere wall time.
 */
export async function processStartTime(): Promise<string> {
  const stat = process.platform === 'linux' ? await readText('/proc/self/stat') : null;
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return ticks ?? new Date(Date.now() - process.uptime() * 1000).toISOString();
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ENOENT') return null;
    throw cause;
  }
}

/** Whole or not at all, also after a power loss, and never readable by others, not even for a moment. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const temporary = `${path}.${hex(6)}`;
  await writeFile(temporary, text, { mode: 0o600, flag: 'wx', flush: true });
  await chmod(temporary, 0o600);
  await rename(temporary, path);
}
