import { networkInterfaces } from 'node:os';
import {
  CoordinatorText,
  FarmError,
  mdnsTypes,
  type NodeId,
  negotiateProtocol,
  protocolRange,
} from '@reelmill/protocol';
import type { Bonjour, Service } from 'bonjour-service';
import type { Logger } from 'pino';
import type { Target } from './session.ts';
import { urlOf } from './urlOf.ts';
import { Signal } from './waiting.ts';

export interface Discovery {
  /** Announces this node; the coordinator lists it as found. */
  publish(node: { nodeId: NodeId; name: string }): void;
  /** Resolves with a coordinator seen on the network that was not refused lately, in turn. */
  next(signal: AbortSignal): Promise<Target>;
  /** This one did not take us: others first. */
  setAside(target: Target): void;
  close(): Promise<void>;
}

export interface DiscoveryOptions {
  readonly log: Logger;
  /** Told once when nothing was found in time; the search goes on. */
  onNothingFound(error: FarmError): void;
}

const nothingFoundAfterMs = 5_000;
const setAsideMs = 30_000;
/** DNS-SD wants a port; agents listen to nothing. Port 9 is "discard". */
const noPort = 9;
/** Packets get lost: the question is asked again while there is no answer. */
const askAgainMs = 2_000;

/** mDNS of decision 11. The heavy module is loaded on first use only: local agents never need it. */
export async function createDiscovery(options: DiscoveryOptions): Promise<Discovery> {
  const { Bonjour: BonjourClass } = await import('bonjour-service');
  const bonjour: Bonjour = new BonjourClass({}, (cause: unknown) => {
    // Without a route for multicast (loopback only) nothing can be found; nextTarget says so to the user.
    options.log.debug({ err: cause }, 'mDNS cannot send');
  });
  const search = createSearch(bonjour, options);
  return {
    publish({ nodeId, name }) {
      const txt = { id: nodeId, name, min: String(protocolRange.min), max: String(protocolRange.max) };
      // Unique on the network even where two agents share a name.
      const service = bonjour.publish({
        name: `${name} ${nodeId.slice(-6)}`,
        type: mdnsTypes.agent,
        port: noPort,
        txt,
      });
      service.on('error', (cause) => options.log.warn({ err: cause }, 'this node could not be announced'));
    },
    next: search.next,
    setAside: search.setAside,
    close: () =>
      new Promise((resolve) => {
        search.stop();
        bonjour.unpublishAll(() => bonjour.destroy(() => resolve()));
      }),
  };
}

function createSearch(bonjour: Bonjour, options: DiscoveryOptions) {
  const asideUntilMs = new Map<string, number>();
  const changed = new Signal();
  let browser: ReturnType<Bonjour['find']> | null = null;
  let turn = 0;
  let complained = false;

  const start = (): ReturnType<Bonjour['find']> => {
    browser = bonjour.find({ type: mdnsTypes.coordinator });
    browser.on('up', () => changed.set());
    return browser;
  };

  const candidates = (): Target[] =>
    (browser ?? start()).services
      .flatMap(targetsOf)
      .filter(({ url }) => (asideUntilMs.get(url) ?? 0) <= performance.now());

  const complain = (): void => {
    if (complained || (browser?.services.length ?? 0) > 0) return;
    complained = true;
    options.onNothingFound(nothingFound());
  };

  return {
    async next(signal: AbortSignal): Promise<Target> {
      const timer = setTimeout(complain, nothingFoundAfterMs);
      const asking = setInterval(() => browser?.update(), askAgainMs);
      try {
        for (;;) {
          const found = candidates();
          turn += 1;
          const target = found[turn % Math.max(1, found.length)];
          if (target !== undefined) return target;
          changed.clear();
          // Also wakes when one that was set aside may be tried again.
          await changed
            .wait(AbortSignal.any([signal, AbortSignal.timeout(askAgainMs)]))
            .catch(() => signal.throwIfAborted());
        }
      } finally {
        clearTimeout(timer);
        clearInterval(asking);
      }
    },
    setAside: (target: Target) => void asideUntilMs.set(target.url, performance.now() + setAsideMs),
    stop: () => browser?.stop(),
  };
}

/** Addresses of one service: the one that answered first, IPv4 before IPv6. Unfit versions and foreign texts are skipped. */
export function targetsOf(service: Pick<Service, 'txt' | 'port' | 'addresses' | 'referer'>): Target[] {
  const text = CoordinatorText.safeParse(service.txt);
  if (!text.success || negotiateProtocol(text.data) === undefined) return [];
  const addresses = [service.referer?.address, ...(service.addresses ?? [])].filter((one) => one !== undefined);
  const dialable = [...new Set(addresses)].filter((address) => !address.startsWith('fe80'));
  const ordered = [...dialable.filter((one) => !one.includes(':')), ...dialable.filter((one) => one.includes(':'))];
  return ordered.slice(0, 3).map((address) => ({ url: urlOf(address, service.port), coordinatorId: text.data.id }));
}

/** Names where it looked: the reader sees at once that a cable or a firewall is the matter. */
function nothingFound(): FarmError {
  const looked = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).filter((one) => !one.internal && one.family === 'IPv4').map((one) => `${name} (${one.address})`),
  );
  const message =
    looked.length === 0
      ? 'This machine has only its loopback interface, where coordinators cannot be found; name one with --coordinator host:port.'
      : `No coordinator answered on ${looked.join(', ')} within ${nothingFoundAfterMs / 1000} s; still searching.`;
  return new FarmError('NO_COORDINATOR_FOUND', { message, details: { interfaces: looked } });
}
