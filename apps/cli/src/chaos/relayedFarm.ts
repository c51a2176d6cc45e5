import { join } from 'node:path';
import type { NodeView } from '@reelmill/protocol';
import type { ChaosCase, ChaosContext, Fault } from './chaosCase.ts';
import { type ChaosFarm, chaosFarm } from './chaosFarm.ts';
import type { FarmProcess, Line } from './childProcess.ts';
import { openRelay, type Relay, type WireScript } from './relay.ts';

/** An agent that reaches the coordinator and its store through a relay only, as from another machine. */
export interface RelayedAgent {
  readonly name: string;
  readonly folder: string;
  readonly relay: Relay;
  process(): FarmProcess;
  /** Starts it again over the same folder: the node keeps its name and key. */
  restart(signal: AbortSignal): Promise<void>;
}

export interface RelayedFarm {
  readonly farm: ChaosFarm;
  readonly agents: readonly RelayedAgent[];
  /** One script for all: its counts are of all agents together. */
  script(script: WireScript | null): void;
  /** Of the store, to requests that carried a turned bit since the script was set. */
  answersToFlips(): number[];
  /** Resolves once every node is connected. */
  allOnline(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** An S3 store that is reached through a relay, by the coordinator as well. */
export interface RelayedStore {
  readonly relay: Relay;
  /** Of the coordinator: this store is its own. */
  readonly serveEnv: NodeJS.ProcessEnv;
}

export interface RelayedPlaces {
  readonly dataDir?: string;
  agentFolder?(name: string): string;
  /** Default: the embedded one. */
  readonly store?: RelayedStore;
}

/** What a case on such a farm is given. */
export interface OnRelays {
  readonly bench: RelayedFarm;
  readonly context: ChaosContext;
  readonly signal: AbortSignal;
}

/** The bench of faults whose cases need such a farm and nothing else. */
export const openOnRelays =
  <Of extends ChaosCase>(run: (one: Of, on: OnRelays) => Promise<string>): Fault<Of>['open'] =>
  async (context) => {
    const bench = await openRelayedFarm(context);
    return { run: (one, signal) => run(one, { bench, context, signal }), close: () => bench.close() };
  };

/** A coordinator and two agents behind relays, in the bench's folder unless they have places of their own. */
export async function openRelayedFarm(
  { folder, signal }: ChaosContext,
  { dataDir, agentFolder = (name) => join(folder, name), store }: RelayedPlaces = {},
): Promise<RelayedFarm> {
  const farm = chaosFarm(folder, { ...(dataDir && { dataDir }), ...(store && { serveEnv: store.serveEnv }) });
  const agents = await withAgents(farm, async () => {
    await farm.start();
    return Promise.all(['one', 'two'].map((name) => relayedAgent(farm, { name, folder: agentFolder(name), signal })));
  });
  const relays = store === undefined ? agents.map(({ relay }) => relay) : [store.relay];
  return {
    farm,
    agents,
    answersToFlips: () => relays.flatMap((relay) => relay.answersToFlips),
    script(script) {
      const counts = { GET: 0, PUT: 0 };
      const shared: WireScript | null =
        script &&
        (({ method }) => {
          counts[method] += 1;
          return script({ method, count: counts[method] });
        });
      for (const relay of relays) relay.script(shared);
    },
    async allOnline(within) {
      const names = agents.map(({ name }) => name);
      await farm.until((view) => {
        const online = view.nodes.filter(({ state, name }) => names.includes(name) && isOnline(state));
        return online.length === names.length ? true : undefined;
      }, within);
    },
    async close() {
      await farm.close();
      for (const { relay } of agents) await relay.close();
    },
  };
}

/** Nothing of a farm that did not come up goes on running. */
async function withAgents<T>(farm: ChaosFarm, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (thrown) {
    await farm.close();
    throw thrown;
  }
}

const isOnline = (state: NodeView['state']): boolean => state === 'ready' || state === 'rendering';

async function relayedAgent(
  farm: ChaosFarm,
  { name, folder, signal }: { name: string; folder: string; signal: AbortSignal },
): Promise<RelayedAgent> {
  const relay = await openRelay(() => farm.address());
  const start = (within: AbortSignal) => farm.addAgent({ name, coordinator: relay.address, folder }, within);
  let current = await start(signal);
  return {
    name,
    folder,
    relay,
    process: () => current,
    async restart(within) {
      current = await start(within);
    },
  };
}

/** Resolves with the agent that is the first to print its `count`-th such line. */
export function firstToSay(
  agents: readonly RelayedAgent[],
  accept: (line: Line) => boolean,
  { count, signal }: { count: number; signal: AbortSignal },
): Promise<RelayedAgent> {
  const waits = agents.map(async (agent) => {
    let seen = 0;
    await agent.process().next((line) => {
      if (accept(line)) seen += 1;
      return seen === count;
    }, signal);
    return agent;
  });
  return Promise.any(waits);
}
