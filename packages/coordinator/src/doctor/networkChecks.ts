import { ailing, type DoctorCheck, healthy } from '@reelmill/protocol';
import { isVirtual, type LanAddress, preferredAddress } from '../discovery/lanAddresses.ts';
import type { DoorStanding } from '../farmCorePort.ts';

const answersWithinMs = 3_000;

/** Under which address other machines dial this one. */
export function checkAddress({ lan }: DoorStanding, addresses: readonly LanAddress[]): DoctorCheck {
  const outward = addresses.filter((one) => !one.internal);
  const named = outward.map(({ address, interfaceName }) => `${address} (${interfaceName})`).join(', ');
  if (outward.length === 0) {
    const found = 'This machine has no address on a network, only its own 127.0.0.1.';
    if (!lan) return healthy('address', found);
    return ailing('address', 'fault', {
      found,
      cause: 'Other machines may join, but cannot reach this one: no cable or wireless network is connected.',
      fix: 'Connect this machine to the network of the others.',
    });
  }
  const found = `${named}; other machines are told ${preferredAddress(addresses)}.`;
  const tunnel = outward.find(isVirtual);
  if (!lan || tunnel === undefined) return healthy('address', found);
  if (outward.every(isVirtual)) {
    return ailing('address', 'fault', {
      found,
      cause: `All of them belong to a VPN or to containers, which other machines seldom reach.`,
      fix: 'Connect this machine to the network of the others, or end the VPN.',
    });
  }
  return ailing('address', 'warning', {
    found,
    cause: `${tunnel.interfaceName} looks like a VPN or a container network; a VPN often hides the network of the office.`,
    fix: 'Nothing where machines join. Else end the VPN, or let it leave the local network alone.',
  });
}

/** Whether the door answers where it should. `reach` resolves with the status of a request, or rejects. */
export async function checkPort(
  { bound, lan }: DoorStanding,
  addresses: readonly LanAddress[],
  reach: (url: string) => Promise<number> = reachHealth,
): Promise<DoctorCheck> {
  if (bound === null) {
    return ailing('port', 'fault', {
      found: 'The coordinator listens on no port.',
      cause: 'Its address could not be opened.',
      fix: 'Start it again with another port: reelmill serve --port.',
    });
  }
  const isOpen = bound.host === '0.0.0.0' || bound.host === '::';
  const hosts = isOpen ? [...new Set(['127.0.0.1', preferredAddress(addresses)])] : [bound.host];
  const silent: string[] = [];
  for (const host of hosts) {
    const status = await reach(`http://${host}:${bound.port}/healthz`).catch(() => null);
    if (status !== 200) silent.push(`${host}:${bound.port}`);
  }
  const found = `Port ${bound.port}, ${lan ? 'open to the network' : 'on this machine alone'}.`;
  if (silent.length === 0) return healthy('port', found);
  return ailing('port', 'fault', {
    found,
    cause: `No answer at ${silent.join(' and ')}: a firewall or a proxy stands between.`,
    fix: `Allow TCP port ${bound.port} for Reelmill in the firewall of this machine.`,
  });
}

async function reachHealth(url: string): Promise<number> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(answersWithinMs) });
  await answer.body?.cancel();
  return answer.status;
}

/** Whether machines are heard that announce themselves. @param joined machines that joined from elsewhere */
export function checkMdns({ lan, mdns }: DoorStanding, joined: number): DoctorCheck {
  if (!lan || mdns === null) {
    return healthy('mdns', 'Not used: the network switch is off, so this farm neither searches nor is found.');
  }
  const where = mdns.interfaces.join(', ');
  if (mdns.failing.length > 0) {
    return ailing('mdns', 'warning', {
      found: `Searching on ${where}; ${mdns.failing.join(', ')} refused.`,
      cause: 'The system let no multicast (UDP port 5353) through there.',
      fix: 'Allow UDP port 5353 in the firewall; on macOS allow Reelmill under Privacy, Local Network.',
    });
  }
  if (mdns.heard > 0) return healthy('mdns', `${machines(mdns.heard)} heard on ${where}.`);
  const found = `Searching on ${where}; no machine was heard that announces itself.`;
  if (joined > 0) return healthy('mdns', `${found} ${machines(joined)} joined by address.`);
  return ailing('mdns', 'warning', {
    found,
    cause: 'No agent runs on this network, or a VPN, a guest network or a firewall keeps multicast away.',
    fix: 'Start an agent there with the line of Add node: it names this address and needs no search.',
  });
}

const machines = (count: number): string => (count === 1 ? 'One machine' : `${count} machines`);
