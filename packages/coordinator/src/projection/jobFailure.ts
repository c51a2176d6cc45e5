import type { JobView } from '@reelmill/protocol';
import type { JobRecord } from '@reelmill/scheduler';
import type { JobViewContext } from './jobView.ts';

/** Why a job failed, where the task was tried that it failed by, and whether anybody still means to mend it. */
export function jobFailure(
  { phase, givenUp }: JobRecord,
  context: Pick<JobViewContext, 'task' | 'nodeName'>,
): Pick<JobView, 'error' | 'failedOn' | 'givenUp'> {
  if (phase.kind !== 'failed') return { error: null, failedOn: [], givenUp: false };
  const task = phase.taskId === null ? undefined : context.task(phase.taskId);
  return {
    error: phase.error,
    failedOn: [...(task?.failedOn ?? [])].map(context.nodeName),
    givenUp: givenUp === true,
  };
}
