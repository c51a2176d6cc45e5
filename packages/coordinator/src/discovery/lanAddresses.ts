import { networkInterfaces } from 'node:os';

export interface LanAddress {
  readonly interfaceName: string;
  readonly address: string;
  readonly internal: boolean;
}

/** Interfaces made by container and VPN software: reachable from elsewhere only by luck. */
const virtual = /^(docker|br-|veth|virbr|vmnet|tun|tap|utun|tailscale|zt|wg)/;

export const isVirtual = ({ interfaceName }: LanAddress): boolean => virtual.test(interfaceName);

/** One IPv4 address per network interface, loopback included. */
export function lanAddresses(): LanAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([interfaceName, infos = []]) => {
    const info = infos.find((one) => one.family === 'IPv4');
    return info === undefined ? [] : [{ interfaceName, address: info.address, internal: info.internal }];
  });
}

/** The address to type on another machine; loopback where the machine has no other. */
export function preferredAddress(addresses: readonly LanAddress[]): string {
  const outward = addresses.filter((one) => !one.internal);
  const best = outward.find((one) => !isVirtual(one)) ?? outward[0];
  return best?.address ?? '127.0.0.1';
}

/**
 * The exact line to paste on another machine. The token travels in the environment: arguments are visible to every
 * user of a machine. It is a secret: shown to the owner, never logged.
 */
export const joinCommandLine = (host: string, port: number, joinToken: string): string =>
  `REELMILL_JOIN_TOKEN=${joinToken} npx reelmill-agent --coordinator ${host}:${port}`;
