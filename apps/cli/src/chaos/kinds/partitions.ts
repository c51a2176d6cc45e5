import { setTimeout as delay } from 'node:timers/promises';
import { cliEntry } from '../../farm/bundledFiles.ts';
import { type Bench, BrokenPromise, type ChaosCase, type ChaosContext, type Fault } from '../chaosCase.ts';
import { chaosFarm } from '../chaosFarm.ts';
import { type FarmProcess, type Line, startProcess } from '../childProcess.ts';
import { type CabledHost, insideOwnNetwork, layCables, switchLoopbackOn, whyNoNetwork } from '../cutNetwork.ts';
import type { Measure } from '../reference.ts';
import { chance, openScene } from '../scene.ts';

interface PartitionCase extends ChaosCase {
  readonly what: 'cable' | 'fromHost' | 'toHost';
  readonly seconds: number;
  /** How often it is cut and mended again. */
  readonly times: number;
  readonly moment: 'start' | 'end';
}

const titles = {
  cable: 'no packet either way',
  fromHost: 'no packet from the agent',
  toHost: 'no packet to the agent',
} as const;
const names = { cable: 'full', fromHost: 'from-agent', toHost: 'to-agent' } as const;

function made(one: Omit<PartitionCase, keyof ChaosCase>, isFast = false): PartitionCase {
  const { what, seconds, times, moment } = one;
  const name = times > 1 ? 'flapping' : names[what];
  const often = times > 1 ? `, ${times} times in turn` : '';
  return {
    ...{ id: `partition-${name}-${moment}-${seconds}s`, kind: 'partition', isFast, ...one },
    title: `${titles[what]} for ${seconds} s${often}, from the ${moment} of a chunk on`,
  };
}

const cases: readonly PartitionCase[] = [
  made({ what: 'cable', seconds: 3, times: 1, moment: 'start' }),
  made({ what: 'cable', seconds: 15, times: 1, moment: 'start' }, true),
  made({ what: 'cable', seconds: 15, times: 1, moment: 'end' }),
  made({ what: 'fromHost', seconds: 3, times: 1, moment: 'start' }, true),
  made({ what: 'fromHost', seconds: 15, times: 1, moment: 'end' }),
  made({ what: 'toHost', seconds: 3, times: 1, moment: 'start' }, true),
  made({ what: 'toHost', seconds: 15, times: 1, moment: 'end' }),
  made({ what: 'cable', seconds: 0.4, times: 6, moment: 'start' }, true),
  made({ what: 'cable', seconds: 3, times: 4, moment: 'end' }),
];

/** Tells the program that it runs in a network of its own, and what the one outside measured. */
const insideMark = 'REELMILL_CHAOS_NETWORK';
const isInside = (): boolean => process.env[insideMark] !== undefined;

/** To be called before anything listens: makes a network of its own usable. Returns what was measured outside, if so. */
export async function prepareNetwork(): Promise<Measure | null> {
  const measure = process.env[insideMark];
  if (measure === undefined) return null;
  await switchLoopbackOn();
  return JSON.parse(measure) as Measure;
}

/** Agents on hosts of their own, whose cable is cut while they work. */
export const partitions: Fault<PartitionCase> = {
  kind: 'partition',
  cases,
  lanes: 1,
  missing: async () => (isInside() ? null : whyNoNetwork()),
  open: (context, all) => (isInside() ? openInside(context) : openOutside(context, all)),
};

/** The same program once more, in a network of its own; its lines are the results. */
async function openOutside(
  { seed, clip, reference }: ChaosContext,
  all: readonly PartitionCase[],
): Promise<Bench<PartitionCase>> {
  const args = ['chaos', '--seed', String(seed), '--lanes', '1', '--cases', ...all.map(({ id }) => id)];
  const lines: Line[] = [];
  let wake = (): void => {};
  const suite: FarmProcess = startProcess(cliEntry(), args, {
    prefix: insideOwnNetwork,
    env: { [insideMark]: JSON.stringify({ clip, reference } satisfies Measure) },
    onLine: (line) => {
      lines.push(line);
      wake();
    },
  });
  void suite.ended.then(() => wake());
  return {
    async run(one, signal) {
      for (;;) {
        const line = lines.find(({ id }) => id === one.id);
        if (line?.outcome === 'held') return String(line.detail);
        if (line !== undefined) throw new BrokenPromise(String(line.detail));
        if (!suite.isAlive() || signal.aborted) throw new BrokenPromise(`no result of ${one.id}: ${suite.errors()}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    },
    // it has a farm to end and a network to take down
    close: () => suite.stop(60_000),
  };
}

async function openInside(context: ChaosContext): Promise<Bench<PartitionCase>> {
  const network = await layCables(2);
  const farm = chaosFarm(context.folder, { serveArgs: ['--host', '0.0.0.0'] });
  const close = async (): Promise<void> => {
    await farm.close();
    await network.remove();
  };
  try {
    await farm.start();
    const start = async (host: CabledHost, at: number) => {
      const coordinator = `${host.deskAddress}:${farm.port()}`;
      const name = ['one', 'two'][at] ?? String(at);
      const agent = await farm.addAgent({ name, coordinator, prefix: host.prefix }, context.signal);
      return { name, host, agent };
    };
    const hosts = await Promise.all(network.hosts.map(start));
    return { run: (one, signal) => cutOff(one, { farm, hosts, context, signal }), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

interface Cutting {
  readonly farm: ReturnType<typeof chaosFarm>;
  readonly hosts: readonly { readonly name: string; readonly host: CabledHost; readonly agent: FarmProcess }[];
  readonly context: ChaosContext;
  readonly signal: AbortSignal;
}

async function cutOff(one: PartitionCase, { farm, hosts, context, signal }: Cutting): Promise<string> {
  const scene = await openScene(one, context);
  const passage = 1 + Math.floor(chance(context.seed, one.id) * 3);
  const reached = Promise.any(
    hosts.map(async (host) => {
      let seen = 0;
      await host.agent.next((line) => {
        if (line.event === one.moment) seen += 1;
        return seen === passage;
      }, signal);
      return host;
    }),
  );
  const jobId = String(await farm.submit(scene.clip, scene.outputFolder));
  const final = farm.untilFinal(jobId, signal);
  const { name, host } = await reached;
  for (let turn = 0; turn < one.times; turn += 1) {
    await host.cut(one.what);
    await delay(one.seconds * 1000);
    await host.mend(one.what);
    if (turn + 1 < one.times) await delay(one.seconds * 1000);
  }
  const job = await final;
  await farm.until((view) => {
    const back = view.nodes.filter(({ state }) => state === 'ready');
    return back.length === hosts.length ? true : undefined;
  }, signal);
  await scene.check(job);
  return `${name} at its ${one.moment} number ${passage}, ${job.attempts} grants`;
}
