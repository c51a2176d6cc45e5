import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = (...args: string[]) => run('ip', args);

/** One further host at the end of a cable from here, in a network namespace. */
export interface CabledHost {
  /** What starts a program there. */
  readonly prefix: readonly string[];
  /** Of this end of the cable. */
  readonly deskAddress: string;
  /** The whole cable, or one direction of it: `fromHost` is what the host sends. */
  cut(what: 'cable' | 'fromHost' | 'toHost'): Promise<void>;
  mend(what: 'cable' | 'fromHost' | 'toHost'): Promise<void>;
}

export interface CutNetwork {
  readonly hosts: readonly CabledHost[];
  remove(): Promise<void>;
}

/** Cables from the namespace that this process is in: it must be one of its own, see `insideOwnNetwork`. Root on Linux. */
export async function layCables(count: number): Promise<CutNetwork> {
  await removeLeftovers();
  const hosts: CabledHost[] = [];
  const names = Array.from({ length: count }, (_, at) => `reelmill-${process.pid}-${at + 1}`);
  for (const [at, name] of names.entries()) hosts.push(await layCable(name, at + 1));
  return {
    hosts,
    async remove() {
      for (const name of names) await ip('netns', 'del', name);
    },
  };
}

/** Of suites that were killed: their process is gone, their namespaces stay. */
async function removeLeftovers(): Promise<void> {
  const { stdout } = await ip('netns', 'list');
  for (const [name, pid] of stdout.matchAll(/^reelmill-(\d+)-\d+/gm)) {
    if (!existsSync(`/proc/${pid}`)) await ip('netns', 'del', name);
  }
}

async function layCable(name: string, number: number): Promise<CabledHost> {
  const [desk, host, port] = [`10.77.${number}.1`, `10.77.${number}.2`, `port${number}`];
  await ip('netns', 'add', name);
  await ip('link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  await ip('addr', 'add', `${desk}/24`, 'dev', port);
  await ip('link', 'set', port, 'up');
  await ip('-n', name, 'link', 'set', 'lo', 'up');
  await ip('-n', name, 'addr', 'add', `${host}/24`, 'dev', 'eth0');
  await ip('-n', name, 'link', 'set', 'eth0', 'up');
  const commands = {
    cable: { cut: ['link', 'set', port, 'down'], mend: ['link', 'set', port, 'up'] },
    // what has no route is dropped where it is sent
    fromHost: {
      cut: ['-n', name, 'route', 'add', 'blackhole', `${desk}/32`],
      mend: ['-n', name, 'route', 'del', 'blackhole', `${desk}/32`],
    },
    toHost: { cut: ['route', 'add', 'blackhole', `${host}/32`], mend: ['route', 'del', 'blackhole', `${host}/32`] },
  };
  return {
    prefix: ['ip', 'netns', 'exec', name],
    deskAddress: desk,
    cut: async (what) => void (await ip(...commands[what].cut)),
    mend: async (what) => void (await ip(...commands[what].mend)),
  };
}

/** In a network of its own even loopback has to be switched on. */
export const switchLoopbackOn = async (): Promise<void> => void (await ip('link', 'set', 'lo', 'up'));

/** Starts a program in a network of its own, with nothing in it. */
export const insideOwnNetwork: readonly string[] = ['unshare', '--net'];

/** Why there can be no networks here; null: there can. */
export async function whyNoNetwork(): Promise<string | null> {
  if (process.platform !== 'linux') return 'network namespaces are known on Linux only';
  const name = `reelmill-${process.pid}-try`;
  try {
    await ip('netns', 'add', name);
    await run('unshare', [
      '--net',
      'ip',
      'link',
      'add',
      'port1',
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      name,
    ]);
    return null;
  } catch (cause) {
    return `no network namespace can be made (root and iproute2 are needed): ${(cause as Error).message.trim()}`;
  } finally {
    await ip('netns', 'del', name).catch(() => rm(`/run/netns/${name}`, { force: true })); // it was never made
  }
}
