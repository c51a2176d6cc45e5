import { AgentText, mdnsTypes, type NodeId, protocolRange } from '@reelmill/protocol';
import { Bonjour, type Service } from 'bonjour-service';
import type { Logger } from 'pino';
import type { FoundNode, MdnsStanding } from '../farmCorePort.ts';
import { type LanAddress, lanAddresses } from './lanAddresses.ts';

export interface DiscoveryFacts {
  readonly coordinatorId: string;
  readonly coordinatorName: string;
  readonly port: number;
  readonly logger: Logger;
  found(node: FoundNode): void;
  lost(nodeId: NodeId): void;
}

export interface Discovery {
  standing(): MdnsStanding;
  /** Says goodbye on every interface and closes the sockets. */
  stop(): Promise<void>;
}

/** Interfaces come and go (cable, Wi-Fi, VPN). */
const rescanEveryMs = 5_000;
/** Agents answer each query; one that was silent for several is gone, whatever its record's lifetime says. */
const queryEveryMs = 5_000;
const goneAfterMs = 20_000;
const goodbyeTimeoutMs = 1_000;

/** The multicast socket inside bonjour-service, whose errors its types hide. */
interface Mdns {
  on(event: 'error' | 'warning', listener: (error: unknown) => void): void;
  on(event: 'response', listener: (packet: { answers: { type: string; data: unknown; ttl?: number }[] }) => void): void;
}

interface Station {
  readonly interfaceName: string;
  readonly internal: boolean;
  readonly bonjour: Bonjour;
  readonly query: () => void;
}

interface SeenAgent {
  readonly node: FoundNode;
  readonly fqdn: string;
  seenMs: number;
}

/** Texts of strangers are parsed like any other input; one that is no agent is left out. */
function nodeOf(service: Service): FoundNode | undefined {
  const text = AgentText.safeParse(service.txt);
  if (!text.success) return undefined;
  const address = service.referer?.address ?? service.addresses?.[0] ?? service.host;
  return { nodeId: text.data.id, name: text.data.name, address };
}

/** Publishes the coordinator and lists agents, on every network interface (decision 11). Never carries a secret. */
class LanDiscovery implements Discovery {
  readonly #facts: DiscoveryFacts;
  readonly #stations = new Map<string, Station>();
  readonly #agents = new Map<NodeId, SeenAgent>();
  /** Interfaces, by name, whose sockets complained since they were opened. */
  readonly #failing = new Set<string>();
  readonly #timers: NodeJS.Timeout[];

  constructor(facts: DiscoveryFacts) {
    this.#facts = facts;
    this.#scan();
    this.#timers = [setInterval(() => this.#scan(), rescanEveryMs), setInterval(() => this.#refresh(), queryEveryMs)];
    for (const timer of this.#timers) timer.unref();
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([...this.#stations.keys()].map((address) => this.#close(address)));
    for (const nodeId of this.#agents.keys()) this.#facts.lost(nodeId);
    this.#agents.clear();
  }

  standing(): MdnsStanding {
    const outward = [...this.#stations.values()].filter(({ internal }) => !internal);
    return {
      interfaces: outward.map(({ interfaceName }) => interfaceName),
      failing: [...this.#failing],
      heard: this.#agents.size,
    };
  }

  #scan(): void {
    const present = lanAddresses();
    for (const address of this.#stations.keys()) {
      if (!present.some((one) => one.address === address)) void this.#close(address);
    }
    for (const one of present) {
      if (!this.#stations.has(one.address)) this.#open(one);
    }
  }

  /** One station per interface: multicast leaves a machine only by the interface it is told to. */
  #open({ address, interfaceName, internal }: LanAddress): void {
    const { logger } = this.#facts;
    const report = (error: unknown): void => {
      this.#failing.add(interfaceName);
      logger.warn({ interfaceName, cause: String(error) }, 'mDNS works only in part');
    };
    try {
      const options = { interface: address, bind: '0.0.0.0', reuseAddr: true };
      const bonjour = new Bonjour(options as never, report);
      const { mdns } = (bonjour as unknown as { server: { mdns: Mdns } }).server;
      mdns.on('error', report);
      mdns.on('warning', (warning) => logger.debug({ interfaceName, cause: String(warning) }, 'mDNS warning'));
      mdns.on('response', ({ answers }) => this.#noteAnswers(answers));
      this.#publish(bonjour);
      this.#stations.set(address, { interfaceName, internal, bonjour, query: this.#browse(bonjour) });
    } catch (cause) {
      report(cause);
    }
  }

  #publish(bonjour: Bonjour): void {
    const { coordinatorId, coordinatorName, port } = this.#facts;
    bonjour.publish({
      // Unique on the network, so that no probing is needed; people see the name in TXT.
      name: `reelmill-${coordinatorId}`.slice(0, 60),
      type: mdnsTypes.coordinator,
      port,
      probe: false,
      disableIPv6: true,
      txt: { id: coordinatorId, name: coordinatorName, min: `${protocolRange.min}`, max: `${protocolRange.max}` },
    });
  }

  #browse(bonjour: Bonjour): () => void {
    const browser = bonjour.find({ type: mdnsTypes.agent });
    const up = (service: Service) => this.#up(service);
    browser.on('up', up);
    browser.on('txt-update', up);
    browser.on('srv-update', up);
    browser.on('down', (service) => this.#down(service.fqdn));
    return () => browser.update();
  }

  #up(service: Service): void {
    const node = nodeOf(service);
    if (node === undefined) return;
    this.#agents.set(node.nodeId, { node, fqdn: service.fqdn, seenMs: performance.now() });
    this.#facts.found(node);
  }

  #down(fqdn: string): void {
    for (const [nodeId, agent] of this.#agents) {
      if (agent.fqdn !== fqdn) continue;
      this.#agents.delete(nodeId);
      this.#facts.lost(nodeId);
    }
  }

  #noteAnswers(answers: readonly { type: string; data: unknown; ttl?: number }[]): void {
    for (const answer of answers) {
      if (answer.type !== 'PTR' || answer.ttl === 0) continue;
      for (const agent of this.#agents.values()) {
        if (agent.fqdn === answer.data) agent.seenMs = performance.now();
      }
    }
  }

  #refresh(): void {
    for (const station of this.#stations.values()) station.query();
    const nowMs = performance.now();
    for (const agent of this.#agents.values()) {
      if (nowMs - agent.seenMs > goneAfterMs) this.#down(agent.fqdn);
    }
  }

  async #close(address: string): Promise<void> {
    const station = this.#stations.get(address);
    this.#stations.delete(address);
    if (station === undefined) return;
    const { bonjour, interfaceName } = station;
    this.#failing.delete(interfaceName);
    await new Promise<void>((resolve) => {
      // A vanished interface cannot say goodbye any more.
      const timer = setTimeout(resolve, goodbyeTimeoutMs);
      bonjour.unpublishAll(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    await new Promise<void>((resolve) => bonjour.destroy(() => resolve()));
  }
}

/** Starts mDNS; failing interfaces are logged and left out, never thrown. */
export const startDiscovery = (facts: DiscoveryFacts): Discovery => new LanDiscovery(facts);
