import { setTimeout as delay } from 'node:timers/promises';
import { BrokenPromise, type ChaosCase, type Fault } from '../chaosCase.ts';
import { expectNoEncoders } from '../checkOutcome.ts';
import { firstToSay, type OnRelays, openOnRelays, type RelayedAgent, type RelayedFarm } from '../relayedFarm.ts';
import { chance, openScene } from '../scene.ts';

/** When: as the first agent comes there, for the time that the seed says. */
type Moment =
  /** It asks for the source. */
  | 'fetch'
  /** It begins a chunk. */
  | 'start'
  /** It sends a chunk's result. */
  | 'upload'
  /** Its result was accepted. */
  | 'end';

type Deed =
  | { readonly kind: 'kill'; readonly returns: 'at once' | 'after the job' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'stop'; readonly seconds: 5 | 15 | 60 };

interface AgentCase extends ChaosCase {
  readonly moment: Moment;
  readonly deed: Deed;
}

/** Two agents share six chunks: one of them surely comes to its third. */
const mostPassages = 3;
/** Decision 18: an encoder ends with its agent within two seconds, and with some patience of a busy machine. */
const encoderEndsWithinMs = 2_500;
/** What a node may hold beside what it works on, and a second copy of it. */
const mostLostGrants = 4;

const killed = (moment: Moment, returns: 'at once' | 'after the job', isFast = false): AgentCase => ({
  id: `agent-kill-${moment}-${returns === 'at once' ? 'back' : 'gone'}`,
  ...{ kind: 'agent', isFast, moment },
  title: `agent killed at ${moment}, ${returns === 'at once' ? 'started again at once' : 'not started again before the end'}`,
  deed: { kind: 'kill', returns },
});
const stopped = (moment: Moment, seconds: 5 | 15 | 60, isFast = false): AgentCase => ({
  id: `agent-stop-${moment}-${seconds}s`,
  ...{ kind: 'agent', isFast, moment },
  title: `agent stopped for ${seconds} s at ${moment}`,
  deed: { kind: 'stop', seconds },
});

const cases: readonly AgentCase[] = [
  killed('fetch', 'at once'),
  killed('start', 'at once', true),
  killed('upload', 'at once', true),
  killed('end', 'at once'),
  killed('fetch', 'after the job'),
  killed('start', 'after the job', true),
  killed('upload', 'after the job'),
  killed('end', 'after the job'),
  {
    id: 'agent-leave',
    kind: 'agent',
    title: 'agent asked to leave at start',
    isFast: true,
    moment: 'start',
    deed: { kind: 'leave' },
  },
  stopped('fetch', 5),
  stopped('start', 5, true),
  stopped('upload', 5, true),
  stopped('end', 5),
  stopped('fetch', 15),
  stopped('start', 15, true),
  stopped('upload', 15, true),
  stopped('end', 15),
  stopped('fetch', 60),
  stopped('start', 60),
  stopped('upload', 60),
  stopped('end', 60),
  {
    ...killed('start', 'at once'),
    id: 'agent-kill-start-back-again',
    title: 'agent killed at start, started again at once, once more',
  },
  { ...stopped('start', 5), id: 'agent-stop-start-5s-again', title: 'agent stopped for 5 s at start, once more' },
  { ...stopped('upload', 15), id: 'agent-stop-upload-15s-again', title: 'agent stopped for 15 s at upload, once more' },
  {
    ...killed('upload', 'at once'),
    id: 'agent-kill-upload-back-again',
    title: 'agent killed at upload, started again at once, once more',
  },
];

/** Agents die, leave or stand still at events that they tell themselves, or that their relay sees. */
export const agentFaults: Fault<AgentCase> = {
  kind: 'agent',
  cases,
  lanes: 3,
  missing: async () => (process.platform === 'win32' ? 'this system knows no SIGSTOP' : null),
  open: openOnRelays(strike),
};

async function strike(one: AgentCase, { bench, context, signal }: OnRelays): Promise<string> {
  const scene = await openScene(one, context);
  const passage = one.moment === 'fetch' ? 1 : 1 + Math.floor(chance(context.seed, one.id) * mostPassages);
  const struck = untilMoment(one.moment, { bench, passage, signal });
  const jobId = String(await bench.farm.submit(scene.clip, scene.outputFolder));
  const final = bench.farm.untilFinal(jobId, signal);
  const victim = await struck;
  const after = await doDeed(one.deed, victim, signal);
  const job = await final;
  await after();
  await bench.allOnline(signal);
  await scene.check(job);
  const most = job.chunksTotal + 1 + mostLostGrants;
  if (job.attempts > most) throw new BrokenPromise(`${job.attempts} grants, at most ${most} were expected`);
  return `${victim.name} at its ${one.moment} number ${passage}, ${job.attempts} grants`;
}

/** Resolves with the agent that comes there first. */
function untilMoment(
  moment: Moment,
  { bench, passage, signal }: { bench: RelayedFarm; passage: number; signal: AbortSignal },
): Promise<RelayedAgent> {
  const { agents } = bench;
  if (moment === 'start' || moment === 'end') {
    const event = moment;
    const accept = (line: object) => 'event' in line && line.event === event && !isSound(line);
    return firstToSay(agents, accept, { count: passage, signal });
  }
  const method = moment === 'fetch' ? 'GET' : 'PUT';
  return new Promise((resolve) => {
    for (const agent of agents) {
      agent.relay.script((request) => {
        if (request.method === method && request.count === passage) resolve(agent);
        return null;
      });
    }
  });
}

const isSound = (line: object): boolean => 'taskId' in line && String(line.taskId).endsWith('/audio');

/** Does it, and gives back what is to be done once the job has ended. */
async function doDeed(deed: Deed, victim: RelayedAgent, signal: AbortSignal): Promise<() => Promise<void>> {
  const { child } = victim.process();
  switch (deed.kind) {
    case 'stop': {
      child.kill('SIGSTOP');
      // how long it stands still is the fault itself
      const awake = delay(deed.seconds * 1000).then(() => child.kill('SIGCONT'));
      return async () => void (await awake);
    }
    case 'leave':
      child.kill('SIGTERM');
      await victim.process().ended;
      return () => victim.restart(signal);
    case 'kill':
      child.kill('SIGKILL');
      await victim.process().ended;
      await expectNoEncoders(victim.folder, encoderEndsWithinMs);
      if (deed.returns === 'after the job') return () => victim.restart(signal);
      await victim.restart(signal);
      return async () => {};
  }
}
