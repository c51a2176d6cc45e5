import { basename } from 'node:path';
import type { JobView } from '@reelmill/protocol';

/** Remaining time as people read it: a range in one unit, never false precision. */
export function describeEta(eta: JobView['eta']): string {
  if (eta === null) return '-';
  const [size, unit] = eta.toSeconds < 90 ? [1, 's'] : [60, 'min'];
  const from = Math.ceil(eta.fromSeconds / size);
  const to = Math.ceil(eta.toSeconds / size);
  return from === to ? `${to} ${unit}` : `${from}-${to} ${unit}`;
}

/** Percent for people: 100 appears only with a finished job. */
export const describePercent = (job: JobView): string => `${Math.floor(job.percent)}%`;

/** What a job is doing, in two words at most. */
export function describeState(job: JobView): string {
  if (job.held && !isOver(job)) return 'held';
  if (job.state === 'encoding' || job.state === 'preparing' || job.state === 'finishing') {
    return job.phase === 'none' ? job.state : job.phase;
  }
  return job.state;
}

const isOver = ({ state }: JobView): boolean => state === 'done' || state === 'failed' || state === 'canceled';

/** What sets the job apart from others in the queue: priority, queue, deadline, error. */
export const describeMarks = (job: JobView): string =>
  [
    job.priority === 'normal' || isOver(job) ? null : job.priority,
    job.queue === null || isOver(job) ? null : `queue ${job.queue}`,
    deadlineMark(job),
    job.error?.code ?? null,
    job.waiting === null ? null : `waiting: ${job.waiting.text}`,
  ]
    .filter((mark) => mark !== null)
    .join(', ');

function deadlineMark({ deadlineRisk }: JobView): string | null {
  if (deadlineRisk === 'none') return null;
  return deadlineRisk === 'late' ? 'late' : 'deadline at risk';
}

/** One line of a running job without the strip. */
export function describeRate(job: JobView): string {
  const rate = job.fps > 0 ? `${Math.round(job.fps)} fps ${job.speed.toFixed(1)}x` : '-';
  return `${describePercent(job)}  ${rate}  ${describeEta(job.eta)}`;
}

export const shortName = (path: string, width: number): string => {
  const name = basename(path);
  return name.length <= width ? name : `${name.slice(0, width - 1)}…`;
};
