import { type CrashMoment, type CrashPointName, crashPointNames } from '@reelmill/coordinator';
import type { FarmView, JobView } from '@reelmill/protocol';
import { isFinal } from '../../farm/followFarm.ts';
import { BrokenPromise, type ChaosCase, type ChaosContext, type Fault } from '../chaosCase.ts';
import { type ChaosFarm, chaosFarm } from '../chaosFarm.ts';
import { expectSame } from '../checkOutcome.ts';
import { openScene, type Scene } from '../scene.ts';

interface KillCase extends ChaosCase {
  readonly point: CrashPointName;
  readonly passage: number;
  readonly moment: CrashMoment;
}

/** Points passed once per task: the third passage lies in the middle of a job of six chunks. */
const repeated: readonly CrashPointName[] = [
  'leased',
  'dispatched',
  'done-received',
  'verifying',
  'verified',
  'committed',
];
/** In the short suite: one side of every point, both of those that decide whether work counts. */
const bothSides: readonly CrashPointName[] = ['journaled', 'committed', 'joined', 'published'];
const firstSide: readonly CrashPointName[] = ['received', 'dispatched', 'verified', 'announced', 'scratch-removed'];
const isShort = (point: CrashPointName, moment: CrashMoment): boolean =>
  bothSides.includes(point) || (moment === 'before') === firstSide.includes(point);

/** The last point first: a sweep of an earlier job, late, would be taken for the awaited one. */
const cases: readonly KillCase[] = [...crashPointNames].reverse().flatMap((point) =>
  (['before', 'after'] as const).map((moment): KillCase => {
    const passage = repeated.includes(point) ? 3 : 1;
    const id = `coordinator-${point}-${moment}`;
    const title = `coordinator killed ${moment} "${point}"${passage > 1 ? `, passage ${passage}` : ''}`;
    return { id, kind: 'coordinator', title, isFast: isShort(point, moment), point, passage, moment };
  }),
);

/**
 * One coordinator after the other over one data folder: each dies at its point and is followed by one that works off
 * what was left and is armed for the next case. Two agents live through all of them.
 */
export const coordinatorKills: Fault<KillCase> = {
  kind: 'coordinator',
  cases,
  lanes: 2,
  missing: async () => null,
  async open(context, all) {
    const farm = chaosFarm(context.folder);
    let armed: KillCase | undefined;
    const startFor = async (one: KillCase | undefined): Promise<void> => {
      await farm.start(one && { REELMILL_CRASH_AT: `${one.point}:${one.passage}:${one.moment}` });
      armed = one;
    };
    try {
      await startFor(all[0]);
      await Promise.all(['one', 'two'].map((name) => farm.addAgent({ name }, context.signal)));
    } catch (thrown) {
      await farm.close();
      throw thrown;
    }
    return {
      async run(one, signal) {
        if (armed !== one) await startFor(one);
        const restart = () => startFor(all[all.indexOf(one) + 1]);
        return kill(one, { farm, context, signal, restart, disarm: () => startFor(undefined) });
      },
      close: () => farm.close(),
    };
  },
};

interface Doom {
  readonly farm: ChaosFarm;
  readonly context: ChaosContext;
  readonly signal: AbortSignal;
  /** Starts the coordinator that follows. */
  restart(): Promise<void>;
  /** Starts one that lives on. */
  disarm(): Promise<void>;
}

async function kill(one: KillCase, doom: Doom): Promise<string> {
  const { farm, context, signal, restart } = doom;
  const scene = await openScene(one, context);
  const doomed = farm.coordinator();
  const answered = await farm.submit(scene.clip, scene.outputFolder);
  const ended = await Promise.race([doomed.ended, whenAborted(signal)]);
  expectSame('end of the coordinator', ended.signal, 'SIGKILL');
  const killedAtMs = performance.now();
  await restart();
  const restartSeconds = (performance.now() - killedAtMs) / 1000;
  const job = await finalJobIn(scene, answered, doom);
  await scene.check(job);
  expectNoWaste(job, one);
  return `back in ${restartSeconds.toFixed(1)} s, ${job.attempts} grants for ${job.chunksTotal} chunks and the sound`;
}

/** An answered job must be there; one that was not answered may be, else it is submitted again, as its owner would. */
async function finalJobIn(
  { clip, outputFolder }: Scene,
  answered: string | null,
  { farm, signal, disarm }: Doom,
): Promise<JobView> {
  const there = (view: FarmView) => view.jobs.filter((job) => job.outputFolder === outputFolder);
  const jobs = await farm.until((view) => there(view), signal);
  if (answered !== null && !jobs.some(({ jobId }) => jobId === answered)) {
    throw new BrokenPromise(`the job ${answered} was accepted and is gone`);
  }
  expectSame('jobs of one submission', jobs.length <= 1, true);
  if (jobs.length === 0) {
    // one armed for the next case would count this submission
    await disarm();
    await farm.submit(clip, outputFolder);
  }
  return farm.until((view) => there(view).find(isFinal), signal);
}

/** Each of two nodes may lose what it held; nothing that was committed is made again. */
function expectNoWaste(job: JobView, { id }: KillCase): void {
  const most = job.chunksTotal + 1 + 4;
  if (job.attempts > most) throw new BrokenPromise(`${id}: ${job.attempts} grants, at most ${most} were expected`);
}

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new BrokenPromise('the coordinator never came to that point')), {
      once: true,
    }),
  );
