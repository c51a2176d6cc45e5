import { spawnSync } from 'node:child_process';
import type { ProcessLauncher } from './tools.ts';

const plainLauncher: ProcessLauncher = (launch) => launch;

/**
 * On Linux the kernel kills the child when this process dies, by whatever signal (decision 18). Needs the setpriv of
 * util-linux ≥ 2.33; busybox's lacks the option, so it is tried once.
 */
const pdeathsigLauncher: ProcessLauncher = ({ command, args }) => ({
  command: 'setpriv',
  args: ['--pdeathsig', 'KILL', '--', command, ...args],
});

let chosen: ProcessLauncher | undefined;

/** The launcher used where a caller gives none. */
export function defaultLauncher(): ProcessLauncher {
  chosen ??= hasPdeathsig() ? pdeathsigLauncher : plainLauncher;
  return chosen;
}

function hasPdeathsig(): boolean {
  if (process.platform !== 'linux') return false;
  return spawnSync('setpriv', ['--pdeathsig', 'KILL', '--', 'true'], { stdio: 'ignore' }).status === 0;
}
