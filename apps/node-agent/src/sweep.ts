import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { identify, isRunning, type ProcessIdentity } from './processIdentity.ts';

/** Encoder processes of this agent, on disk, so that a successor can end what a crash left running (decision 18). */
export interface ChildRegister {
  add(pid: number): void;
}

const compactEvery = 256;

/** Lines are only appended: a crash at any point loses none but the last. Ended processes go when the file grows. */
export function createChildRegister(file: string): ChildRegister {
  let linesUntilCompact = compactEvery;
  writeFileSync(file, '', { mode: 0o600 });
  return {
    add(pid) {
      linesUntilCompact -= 1;
      if (linesUntilCompact < 0) {
        const running = readRegister(file).filter(isRunning);
        writeFileSync(file, running.map((one) => `${JSON.stringify(one)}\n`).join(''));
        linesUntilCompact = compactEvery;
      }
      appendFileSync(file, `${JSON.stringify(identify(pid))}\n`);
    },
  };
}

/** Kills what an earlier agent of this data folder left running and empties its scratch. Call before any task starts. */
export function sweepLeftovers(folders: { childrenFile: string; scratchFolder: string }, log: Logger): number {
  const leftovers = readRegister(folders.childrenFile).filter((one) => one.startedAt !== null && isRunning(one));
  for (const { pid } of leftovers) killGroup(pid, log);
  rmSync(folders.scratchFolder, { recursive: true, force: true });
  mkdirSync(folders.scratchFolder, { recursive: true, mode: 0o700 });
  if (leftovers.length > 0)
    log.warn({ pids: leftovers.map(({ pid }) => pid) }, 'ended encoders that an earlier agent left running');
  return leftovers.length;
}

/** Encoders lead their own process group; where the group has gone, the process itself is tried. */
function killGroup(pid: number, log: Logger): void {
  for (const target of process.platform === 'win32' ? [pid] : [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
      return;
    } catch (cause) {
      log.debug({ err: cause, pid: target }, 'a leftover had already ended');
    }
  }
}

function readRegister(file: string): ProcessIdentity[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as ProcessIdentity];
    } catch {
      // The empty last line, or one that a crash cut off.
      return [];
    }
  });
}
