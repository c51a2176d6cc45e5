import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ip = (...args: string[]) => run('ip', args);

/** One host of a small network that exists only for a test. */
export interface NamespaceHost {
  readonly namespace: string;
  readonly address: string;
  /** Bytes its network card sent and received so far. */
  traffic(): Promise<{ sentBytes: number; receivedBytes: number }>;
}

export interface NamespaceNetwork {
  readonly hosts: readonly NamespaceHost[];
  remove(): Promise<void>;
}

/**
 * `count` network namespaces on one bridge inside a further namespace: nothing of it touches the machine's own
 * network. Multicast works, so mDNS does. Needs root on Linux.
 */
export async function createNetwork(prefix: string, count: number): Promise<NamespaceNetwork> {
  const id = `${prefix}${process.pid}`;
  const hub = `${id}-hub`;
  await ip('netns', 'add', hub);
  await ip('-n', hub, 'link', 'add', 'bridge0', 'type', 'bridge');
  await ip('-n', hub, 'link', 'set', 'bridge0', 'up');
  const hosts: NamespaceHost[] = [];
  for (let index = 1; index <= count; index += 1) hosts.push(await addHost({ id, hub, index }));
  return {
    hosts,
    async remove() {
      for (const host of hosts) await ip('netns', 'del', host.namespace);
      await ip('netns', 'del', hub);
    },
  };
}

async function addHost({ id, hub, index }: { id: string; hub: string; index: number }): Promise<NamespaceHost> {
  const namespace = `${id}-${index}`;
  const address = `10.77.0.${index}`;
  await ip('netns', 'add', namespace);
  await ip('-n', hub, 'link', 'add', `port${index}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
  await ip('-n', hub, 'link', 'set', `port${index}`, 'master', 'bridge0', 'up');
  await ip('-n', namespace, 'link', 'set', 'lo', 'up');
  await ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
  await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  await ip('-n', namespace, 'route', 'add', '224.0.0.0/4', 'dev', 'eth0');
  return {
    namespace,
    address,
    async traffic() {
      const { stdout } = await ip('-n', namespace, '-j', '-s', 'link', 'show', 'eth0');
      const [{ stats64 }] = JSON.parse(stdout);
      return { sentBytes: stats64.tx.bytes, receivedBytes: stats64.rx.bytes };
    },
  };
}
