import {
  type DeadLetter,
  type FailureGroup,
  type FailuresChanged,
  FarmError,
  type GiveUpFailures,
  type JobId,
  type RetryFailures,
} from '@reelmill/protocol';
import type { Command } from '@reelmill/scheduler';
import type { CoreContext } from '../coreContext.ts';
import type { Sweeper } from '../house/sweeper.ts';
import { failureGroups, selectLetters } from './failureGroups.ts';

/** What people can do about dead letters, one, some, or all of one cause. */
export interface FailureDesk {
  failures(): FailureGroup[];
  /** Throws NOT_FOUND where nothing is meant. Completed chunks are kept. */
  retryFailures(request: RetryFailures): Promise<FailuresChanged>;
  /** They leave the list, and their scratch goes. Throws NOT_FOUND where nothing is meant. */
  giveUpFailures(request: GiveUpFailures): Promise<FailuresChanged>;
}

type Avoidance = Extract<Command, { type: 'retry-job' }>['avoid'];

/** Makes the desk of one coordinator. */
export function createFailureDesk({ dispatcher }: CoreContext, sweeper: Sweeper): FailureDesk {
  const failures = (): FailureGroup[] => failureGroups(dispatcher.state());

  const letters = (which: readonly string[]): DeadLetter[] => {
    const found = selectLetters(failures(), which);
    if (found.length > 0) return found;
    throw new FarmError('NOT_FOUND', { message: `No failed task, job or group is called ${which.join(', ')}.` });
  };

  return {
    failures,
    async retryFailures({ which, avoid }) {
      const found = letters(which);
      await sweeper.idle();
      const jobIds: JobId[] = [];
      for (const letter of found) {
        const wish = avoidance(letter, avoid);
        const decision = await dispatcher.run({ type: 'retry-job', jobId: letter.jobId, ...(wish && { avoid: wish }) });
        if (decision.kind === 'accepted') jobIds.push(letter.jobId);
      }
      return { jobIds };
    },
    async giveUpFailures({ which }) {
      const jobIds: JobId[] = [];
      for (const { jobId } of letters(which)) {
        const decision = await dispatcher.run({ type: 'give-up-job', jobId });
        if (decision.kind === 'accepted') jobIds.push(jobId);
      }
      return { jobIds };
    },
  };
}

function avoidance({ task }: DeadLetter, avoid: RetryFailures['avoid']): Avoidance {
  if (avoid === undefined || task === null) return undefined;
  return { taskId: task.taskId, nodeIds: avoid === 'failed-nodes' ? task.failedOn : avoid };
}
