import { FarmError, type FarmView } from '@reelmill/protocol';
import { isFinal } from './followFarm.ts';

/**
 * Nobody else will join a farm that lives as long as its command: what none of its agents can hold would wait for ever.
 * Says nothing while anything else is under way.
 * @throws FarmError NODE_TOO_SMALL
 */
export function refuseHopeless({ jobs, nodes }: Pick<FarmView, 'jobs' | 'nodes'>, agents: number): void {
  const open = jobs.filter((job) => !isFinal(job));
  const [hopeless] = open;
  const areIdle = nodes.filter(({ state }) => state === 'ready').length >= agents;
  if (!hopeless?.waiting || !areIdle || open.some(({ waiting }) => waiting?.code !== 'memory')) return;
  throw new FarmError('NODE_TOO_SMALL', { message: `${hopeless.name} ${hopeless.waiting.text}.` });
}
