import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FarmError, NodeId } from '@reelmill/protocol';
import { identify, isRunning, type ProcessIdentity } from './processIdentity.ts';

/** What one agent keeps on disk. One running agent per folder. */
export interface DataFolder {
  readonly path: string;
  readonly nodeId: NodeId;
  /** Node keys, one file per coordinator, mode 0600. */
  readonly keysFolder: string;
  readonly cacheFolder: string;
  /** One sub-folder per attempt; emptied at start. */
  readonly scratchFolder: string;
  readonly childrenFile: string;
  /** What is known about FFmpeg's build, kept between runs. */
  readonly toolsFile: string;
  release(): void;
}

const mostAgentsPerUser = 64;

/**
 * Takes a data folder for this process. A folder the user named must be free; the default one has successors
 * (`agent-2`, …) so that two agents on one machine are two nodes.
 * @throws FarmError USAGE when a named folder is in use by another agent.
 */
export function openDataFolder(wanted: { path: string; chosen: boolean }): DataFolder {
  for (let number = 1; number <= mostAgentsPerUser; number += 1) {
    const path = number === 1 ? wanted.path : `${wanted.path}-${number}`;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const holder = takeLock(path);
    if (holder === null) return layOut(path);
    if (wanted.chosen) {
      throw new FarmError('USAGE', {
        message: `The data folder ${path} is in use by the agent with process id ${holder.pid}; give this one another --data.`,
      });
    }
  }
  throw new FarmError('USAGE', { message: `${mostAgentsPerUser} agents already run for this user.` });
}

const lockName = 'agent.pid';

/** Null when the lock is ours now, else who holds it. Link fails on an existing name, so exactly one starter wins. */
function takeLock(path: string): ProcessIdentity | null {
  const lock = join(path, lockName);
  const draft = join(path, `${lockName}.${process.pid}-${randomBytes(4).toString('hex')}`);
  writeFileSync(draft, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    for (;;) {
      if (tryLink(draft, lock)) return null;
      const holder = readHolder(lock);
      if (holder !== null && holder.pid !== process.pid && isRunning(holder)) return holder;
      removeStaleLock(lock, `${draft}.stale`);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

/** Moves it aside first: a lock that a quicker starter took meanwhile is put back. */
function removeStaleLock(lock: string, aside: string): void {
  renameIfPresent(lock, aside);
  const moved = readHolder(aside);
  if (moved !== null && moved.pid !== process.pid && isRunning(moved)) tryLink(aside, lock);
  rmSync(aside, { force: true });
}

function renameIfPresent(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
}

function readHolder(lock: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(lock, 'utf8')) as ProcessIdentity;
  } catch {
    // Gone meanwhile, or half-written by a crash of the system: not a holder.
    return null;
  }
}

function layOut(path: string): DataFolder {
  const folders = {
    keysFolder: join(path, 'keys'),
    cacheFolder: join(path, 'cache'),
    scratchFolder: join(path, 'scratch'),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    path,
    nodeId: readNodeId(join(path, 'node-id')),
    ...folders,
    childrenFile: join(path, 'children.ndjson'),
    toolsFile: join(path, 'tools.json'),
    release: () => rmSync(join(path, lockName), { force: true }),
  };
}

function readNodeId(file: string): NodeId {
  try {
    return NodeId.parse(readFileSync(file, 'utf8').trim());
  } catch {
    // First start, or an unreadable id: a new node is always safe.
    const nodeId = NodeId.parse(`n-${randomBytes(8).toString('hex')}`);
    writeFileSync(file, `${nodeId}\n`, { mode: 0o600 });
    return nodeId;
  }
}
