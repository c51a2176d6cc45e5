import { BrokenPromise, type ChaosCase, type Fault } from '../chaosCase.ts';
import type { WireFault } from '../relay.ts';
import { type OnRelays, openOnRelays } from '../relayedFarm.ts';
import { openScene } from '../scene.ts';

export interface StoreCase extends ChaosCase {
  readonly method: 'GET' | 'PUT';
  readonly fault: WireFault;
  /** Requests in a row, from the second of a job on where there are as many. */
  readonly times: number;
}

const requestOf = { GET: 'fetches', PUT: 'uploads' } as const;
const kinds: readonly {
  readonly name: string;
  readonly says: string;
  readonly fault: WireFault;
  readonly only?: 'PUT';
}[] = [
  { name: '500', says: 'status 500', fault: { kind: 'status', status: 500 } },
  { name: '503', says: 'status 503', fault: { kind: 'status', status: 503 } },
  { name: 'silence', says: 'no answer for 2 s, then a cut', fault: { kind: 'silence', cutAfterMs: 2_000 } },
  { name: 'cut', says: 'the line is cut halfway', fault: { kind: 'cut' } },
  { name: 'lost-answer', says: 'done, but the answer is lost', fault: { kind: 'lost-answer' }, only: 'PUT' },
];
const methods = ['GET', 'PUT'] as const;
const fast = new Set([
  'get-500',
  'get-cut',
  'put-503-x3',
  'put-silence',
  'put-cut',
  'put-cut-x3',
  'put-lost-answer',
  'put-lost-answer-x3',
]);

const cases: readonly StoreCase[] = [
  ...methods.flatMap((method) =>
    [1, 3].flatMap((times) =>
      kinds
        .filter(({ only }) => only === undefined || only === method)
        .map(({ name, says, fault }): StoreCase => {
          const short = `${method.toLowerCase()}-${name}${times === 1 ? '' : `-x${times}`}`;
          const title = `${says}, to ${times === 1 ? `one of the ${requestOf[method]}` : `${times} ${requestOf[method]} in a row`}`;
          return { id: `store-${short}`, kind: 'store', title, isFast: fast.has(short), method, fault, times };
        }),
    ),
  ),
  ...methods.map(
    (method): StoreCase => ({
      ...{ id: `store-${method.toLowerCase()}-never`, kind: 'store', isFast: false, method, times: 1 },
      title: `no answer ever to one of the ${requestOf[method]}`,
      fault: { kind: 'silence', cutAfterMs: null },
    }),
  ),
];

/** The store refuses, is silent, cuts the line or loses its answer; the rest of the farm goes on. */
export const storeFaults: Fault<StoreCase> = {
  kind: 'store',
  cases,
  lanes: 2,
  missing: async () => null,
  open: openOnRelays(spoil),
};

/** Does the fault to requests of one job. */
export async function spoil(one: StoreCase, { bench, context, signal }: OnRelays): Promise<string> {
  const scene = await openScene(one, context);
  const first = one.method === 'GET' ? 1 : 2;
  let done = 0;
  bench.script(({ method, count }) => {
    if (method !== one.method || count < first || done === one.times) return null;
    done += 1;
    return one.fault;
  });
  const jobId = String(await bench.farm.submit(scene.clip, scene.outputFolder));
  const job = await bench.farm.untilFinal(jobId, signal);
  bench.script(null);
  await scene.check(job);
  if (done !== one.times) throw new BrokenPromise(`${done} of ${one.times} faults happened`);
  return `${done} times, ${job.attempts} grants`;
}
