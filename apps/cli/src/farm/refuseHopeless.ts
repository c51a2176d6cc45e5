import { FarmError, type FarmView, type Waiting } from '@reelmill/protocol';
import { isFinal } from './followFarm.ts';

/**
 * Nobody else will join a farm that lives as long as its command: what none of its agents can hold would wait for ever.
 * Says nothing while anything else is under way.
 * @throws FarmError NODE_TOO_SMALL, INSUFFICIENT_SPACE
 */
export function refuseHopeless({ jobs, nodes }: Pick<FarmView, 'jobs' | 'nodes'>, agents: number): void {
  const open = jobs.filter((job) => !isFinal(job));
  const [hopeless] = open;
  const areIdle = nodes.filter(({ state }) => state === 'ready').length >= agents;
  if (!hopeless?.waiting || !areIdle || open.some(({ waiting }) => !isForEver(waiting))) return;
  const code = hopeless.waiting.code === 'disk' ? 'INSUFFICIENT_SPACE' : 'NODE_TOO_SMALL';
  throw new FarmError(code, { message: `${hopeless.name} ${hopeless.waiting.text}.` });
}

const isForEver = (waiting: Waiting | null): boolean => waiting?.code === 'memory' || waiting?.code === 'disk';
