import type { JobView } from '@reelmill/protocol';
import type { KeyboardEvent } from 'react';
import { canRetry, isFinal, moveBy, orderJob, pauseFarm, removeJob, retryJob } from '../../store/jobActions.ts';
import { openJobDetail, setView } from '../../store/viewStore.ts';
import { requestCancel } from '../job/lossDialog.ts';

const step: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

/** Keys of the focused job list; single letters act nowhere else. */
export function handleQueueKey(event: KeyboardEvent, jobs: readonly JobView[], selected: number): void {
  if (event.ctrlKey || event.metaKey) return;
  if (event.altKey) {
    const job = jobs[selected];
    if (job && !isFinal(job) && move(event, job)) event.preventDefault();
    return;
  }
  const target = targetIndex(event.key, jobs.length, selected);
  if (target !== null) {
    event.preventDefault();
    setView({ selectedJob: jobs[target]?.jobId ?? null });
    return;
  }
  const job = jobs[selected];
  // A focused button inside the row keeps its own Enter and Space.
  if (!job || (event.target as HTMLElement).closest('button')) return;
  if (act(event.key, job)) event.preventDefault();
}

function targetIndex(key: string, count: number, selected: number): number | null {
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const by = step[key];
  return by === undefined ? null : Math.max(0, Math.min(count - 1, selected + by));
}

/** Alt with an arrow moves the job, with Shift to the end. */
function move({ key, shiftKey }: KeyboardEvent, { jobId }: JobView): boolean {
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return false;
  const up = key === 'ArrowUp';
  if (shiftKey) orderJob(jobId, { position: up ? 'top' : 'bottom' });
  else moveBy(jobId, up ? -1 : 1);
  return true;
}

function act(key: string, job: JobView): boolean {
  switch (key) {
    case 'Enter':
      openJobDetail(job.jobId);
      return true;
    case 'Delete':
    case 'Backspace':
      if (isFinal(job)) removeJob(job.jobId);
      else requestCancel(job);
      return true;
    case 'h':
    case 'H':
      if (!isFinal(job)) orderJob(job.jobId, { hold: !job.held });
      return true;
    case 'p':
      pauseFarm(null);
      return true;
    case 'r':
    case 'R':
      if (canRetry(job)) retryJob(job.jobId);
      return true;
    default:
      return false;
  }
}
