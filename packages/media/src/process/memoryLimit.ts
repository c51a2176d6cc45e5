import { spawnSync } from 'node:child_process';
import type { ProcessLauncher } from './tools.ts';

let works: boolean | undefined;

/**
 * A launcher whose processes may hold at most so many bytes of data (RLIMIT_DATA: heap and private mappings, getrlimit(2);
 * not address space, which codecs only reserve). Where the system has no prlimit the launcher is left as it is. Also
 * forbids core files.
 */
export function memoryLimited(launcher: ProcessLauncher, bytes: number): ProcessLauncher {
  works ??= hasPrlimit();
  if (!works) return launcher;
  return ({ command, args }) =>
    launcher({ command: 'prlimit', args: [`--data=${bytes}`, '--core=0', '--', command, ...args] });
}

function hasPrlimit(): boolean {
  if (process.platform !== 'linux') return false;
  return spawnSync('prlimit', ['--data=1073741824', '--core=0', '--', 'true'], { stdio: 'ignore' }).status === 0;
}
