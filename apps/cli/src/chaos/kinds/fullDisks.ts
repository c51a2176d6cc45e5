import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FarmError, type JobView } from '@reelmill/protocol';
import { BrokenPromise, type ChaosCase, type Fault } from '../chaosCase.ts';
import { firstToSay, type OnRelays, openRelayedFarm, type RelayedFarm } from '../relayedFarm.ts';
import { openScene, type Scene } from '../scene.ts';
import { mountSmallDisk, type SmallDisk, whyNoSmallDisk } from '../smallDisk.ts';

const diskNames = ['coordinator', 'one', 'two', 'output'] as const;
type DiskName = (typeof diskNames)[number];
type Disks = Readonly<Record<DiskName, SmallDisk>>;

interface DiskCase extends ChaosCase {
  readonly full: readonly DiskName[];
  /** Full before the job is submitted, once a chunk was begun, or once a chunk was accepted. */
  readonly from: 'submission' | 'start' | 'end';
}

/** How long the disks stay full: the fault itself. */
const fullForMs = 3_000;
/** Room for everything a job needs and holds, and for what else an agent keeps. */
const diskMebibytes = 64;
/** Anything else is no word about a full disk. */
const wordsForFull = [
  'DISK_FULL',
  'DISK_LOW',
  'INSUFFICIENT_SPACE',
  'OUTPUT_UNWRITABLE',
  'TOO_MANY_LOSSES',
  'NODE_REFUSED',
];

const made = (name: string, full: readonly DiskName[], from: DiskCase['from'], isFast = false): DiskCase => ({
  ...{ id: `disk-${name}-${from}`, kind: 'disk', full, from, isFast },
  title: `disk full for ${fullForMs / 1000} s: ${name}, from the first ${from} on`,
});

const cases: readonly DiskCase[] = [
  made('output', ['output'], 'submission'),
  made('output', ['output'], 'end', true),
  made('agent', ['one'], 'submission'),
  made('agent', ['one'], 'start', true),
  made('agents', ['one', 'two'], 'start'),
  made('coordinator', ['coordinator'], 'submission'),
  made('coordinator', ['coordinator'], 'start', true),
  made('everything', diskNames, 'end'),
];

/** Disks of the farm fill up to the last byte, and have room again; a job that failed is retried, as its owner would. */
export const fullDisks: Fault<DiskCase> = {
  kind: 'disk',
  cases,
  lanes: 1,
  missing: whyNoSmallDisk,
  async open(context) {
    const disks = await mountAll(context.folder);
    const agentFolder = (name: string) => join(context.folder, `disk-${name}`);
    const unmount = async (): Promise<void> => {
      for (const disk of Object.values(disks)) await disk.remove();
    };
    try {
      const bench = await openRelayedFarm(context, { dataDir: disks.coordinator.path, agentFolder });
      return {
        run: (one, signal) => fillUp(one, { bench, disks, context, signal }),
        async close() {
          for (const disk of Object.values(disks)) await disk.free();
          await bench.close();
          await unmount();
        },
      };
    } catch (thrown) {
      await unmount();
      throw thrown;
    }
  },
};

async function mountAll(folder: string): Promise<Disks> {
  const mounted = diskNames.map(async (name) => [
    name,
    await mountSmallDisk(join(folder, `disk-${name}`), diskMebibytes),
  ]);
  return Object.fromEntries(await Promise.all(mounted)) as Disks;
}

interface Filling extends OnRelays {
  readonly disks: Disks;
}

async function fillUp(one: DiskCase, { bench, disks, context, signal }: Filling): Promise<string> {
  const scene = await openScene(one, context, join(disks.output.path, one.id));
  const full = one.full.map((name) => disks[name]);
  const fill = async (): Promise<void> => {
    for (const disk of full) await disk.fill();
    await delay(fullForMs, undefined, { signal });
    for (const disk of full) await disk.free();
  };
  const { from } = one;
  let jobId: string;
  let filled: Promise<void>;
  if (from === 'submission') {
    filled = fill();
    jobId = await submitUntilTaken(bench, scene, filled);
  } else {
    const moment = firstToSay(bench.agents, (line) => line.event === from, { count: 1, signal });
    jobId = await submitUntilTaken(bench, scene, Promise.resolve());
    filled = moment.then(fill);
  }
  const [first] = await Promise.all([bench.farm.untilFinal(jobId, signal), filled]);
  const job = first.state === 'done' ? first : await retried(first, bench, signal);
  await bench.allOnline(signal);
  await scene.check(job);
  return `${first.error === null ? 'went on by itself' : `${first.error.code}, then retried`}, ${job.attempts} grants`;
}

/** A refusal that names the disk is an answer; what is refused is sent again when there is room. */
async function submitUntilTaken({ farm }: RelayedFarm, scene: Scene, room: Promise<void>): Promise<string> {
  const submit = async (): Promise<string> => String(await farm.submit(scene.clip, scene.outputFolder));
  try {
    return await submit();
  } catch (thrown) {
    if (!(thrown instanceof FarmError) || !wordsForFull.includes(thrown.code)) throw thrown;
    await room;
    return submit();
  }
}

async function retried(failed: JobView, { farm }: RelayedFarm, signal: AbortSignal): Promise<JobView> {
  const code = failed.error?.code ?? failed.state;
  if (!wordsForFull.includes(code)) throw new BrokenPromise(`A full disk was told as ${JSON.stringify(failed.error)}`);
  await farm.api(`/jobs/${failed.jobId}/retry`, { method: 'POST' });
  return farm.until((view) => {
    const job = view.jobs.find(({ jobId }) => jobId === failed.jobId);
    const isOver = job?.state === 'done' || (job?.state === 'failed' && job.finishedAt !== failed.finishedAt);
    return isOver ? job : undefined;
  }, signal);
}
