import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles } from '@reelmill/protocol';
import { BrokenPromise, type ChaosCase, type Fault } from '../chaosCase.ts';
import { expectSame } from '../checkOutcome.ts';
import { type OnRelays, openOnRelays } from '../relayedFarm.ts';
import { openScene } from '../scene.ts';

/** Where the bits turn over: on the way of the source, on the way of results, in results that are kept. */
type FlipPlace = 'source' | 'upload' | 'store';

export interface FlipCase extends ChaosCase {
  readonly where: FlipPlace;
  /** Parts of the length at which one bit each turns over, and which bit. */
  readonly flips: readonly { readonly at: number; readonly bit: number }[];
}

/** Fixed places, spread over the length: container tables at the ends, pictures between. */
const places = [0, 0.013, 0.11, 0.23, 0.37, 0.5, 0.61, 0.74, 0.88, 0.97, 0.999];
const flipsFrom = (first: number, count: number): FlipCase['flips'] =>
  Array.from({ length: count }, (_, at) => ({ at: places[(first + at) % places.length] ?? 0, bit: (first + at) % 8 }));

const titles = {
  source: 'of the source turned over on its way to the agents',
  upload: 'of results turned over on their way to the store',
  store: 'of accepted results turned over in the store',
} as const;
const made = (where: FlipCase['where'], number: number, first: number, count: number): FlipCase => ({
  ...{ id: `flip-${where}-${number}`, kind: 'flip', isFast: number === 1, where },
  title: `${count} bits ${titles[where]}`,
  flips: flipsFrom(first, count),
});

/** 40 in all. */
const cases: readonly FlipCase[] = [
  ...[0, 1, 2, 3, 4].map((at) => made('source', at + 1, 2 * at, 2)),
  ...[0, 1].map((at) => made('upload', at + 1, 6 * at, 6)),
  ...[0, 1, 2].map((at) => made('store', at + 1, 5 * at, 6)),
];

/** Bits turn over: each must be noticed by somebody's hash, and what it spoiled be made or sent again. */
export const bitFlips: Fault<FlipCase> = {
  kind: 'flip',
  cases,
  lanes: 1,
  missing: async () => null,
  open: openOnRelays((one, on) => (one.where === 'store' ? inStore : onTheWay)(one, on)),
};

/** Bits turn over between agents and store. */
export async function onTheWay(one: FlipCase, { bench, context, signal }: OnRelays): Promise<string> {
  const scene = await openScene(one, context);
  const wanted = one.where === 'source' ? 'GET' : 'PUT';
  let turned = 0;
  let sent = 0;
  bench.script(({ method }) => {
    if (method !== wanted) return null;
    sent += 1;
    const flip = one.flips[turned];
    if (flip === undefined) return null;
    turned += 1;
    return { kind: 'flip', ...flip };
  });
  const jobId = String(await bench.farm.submit(scene.clip, scene.outputFolder));
  const job = await bench.farm.untilFinal(jobId, signal);
  const answers = bench.answersToFlips();
  bench.script(null);
  await scene.check(job);
  expectSame('bits turned over', turned, one.flips.length);
  if (wanted === 'PUT') {
    // an answer that is lost to a broken line is no acceptance either
    const taken = answers.filter((status) => status < 300).length;
    expectSame('turned bits that the store took', taken, 0);
  } else if (sent <= turned) {
    throw new BrokenPromise(`the source was sent ${sent} times, ${turned} times with a turned bit`);
  }
  return `${turned} of ${turned} bits caught, ${job.attempts} grants`;
}

/** The coordinator dies before it joins; while it is away bits of all accepted chunks turn over. */
async function inStore(one: FlipCase, { bench, context, signal }: OnRelays): Promise<string> {
  const { farm } = bench;
  const scene = await openScene(one, context);
  await farm.start({ REELMILL_CRASH_AT: 'joining:1:before' });
  await bench.allOnline(signal);
  const doomed = farm.coordinator();
  const jobId = String(await farm.submit(scene.clip, scene.outputFolder));
  expectSame('end of the coordinator', (await doomed.ended).signal, 'SIGKILL');
  const outputs = join(farm.dataDir, dataFiles.store, 'videos', jobId, 'outputs');
  const names = await readdir(outputs, { recursive: true });
  const segments = names.filter((name) => /seg_\d+\.mp4$/.test(name)).sort();
  expectSame('accepted chunks', segments.length, context.reference.chunks);
  for (const [at, flip] of one.flips.entries()) await turnBit(join(outputs, segments[at] ?? ''), flip);
  await farm.start();
  const job = await farm.untilFinal(jobId, signal);
  await scene.check(job);
  const made = job.chunks.filter(({ attempt }) => attempt > 1).length;
  expectSame('chunks made again', made, one.flips.length);
  return `${made} of ${one.flips.length} bits caught, ${job.attempts} grants`;
}

async function turnBit(path: string, { at, bit }: FlipCase['flips'][number]): Promise<void> {
  const bytes = await readFile(path);
  const target = Math.min(bytes.length - 1, Math.floor(bytes.length * at));
  bytes[target] = (bytes[target] ?? 0) ^ (1 << bit);
  await writeFile(path, bytes);
}
