import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const unshare = ['--net', '--map-root-user'];

/** Whether this machine lets a test have a network of its own (Linux with namespaces and iproute2). */
export function canHaveOwnNetwork(): boolean {
  try {
    execFileSync('unshare', [...unshare, 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' });
    return true;
  } catch (cause) {
    console.warn(`not run, network namespaces are not available here: ${String(cause)}`);
    return false;
  }
}

/** Runs a script in a network namespace that is gone with it; resolves with the JSON of its last line. */
export async function inOwnNetwork(scriptPath: string, args: string[] = []): Promise<unknown> {
  const { stdout } = await run('unshare', [...unshare, process.execPath, scriptPath, ...args], { timeout: 40_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null');
}

/** Called inside: loopback, and with `address` a cable to nowhere that carries multicast. */
export function bringUp(address: string | null): void {
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'inherit' });
  ip('link', 'set', 'lo', 'up');
  if (address === null) return;
  ip('link', 'add', 'wire0', 'type', 'veth', 'peer', 'name', 'wire1');
  ip('addr', 'add', `${address}/24`, 'dev', 'wire0');
  ip('link', 'set', 'wire0', 'up');
  ip('link', 'set', 'wire1', 'up');
}
