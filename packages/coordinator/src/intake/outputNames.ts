import type { JobId } from '@reelmill/protocol';
import type { JobRecord, SchedulerEvent } from '@reelmill/scheduler';
import type { CoreFeed } from '../farmCorePort.ts';
import type { JobRequest } from '../jobRecords.ts';
import { foldName } from './freeName.ts';

/** Paths that open jobs and submissions under way will publish to, so that no two get the same; never walked as a whole. */
export interface OutputNames {
  isPlanned(foldedPath: string): boolean;
  /** For a submission until it is journaled: from then on its jobs hold the paths. Returns the way to give them up. */
  reserve(paths: readonly string[]): () => void;
  /** Numbers that names in that folder were told apart by, as far as none was given up since. */
  numbersIn(foldedFolder: string): Map<string, number>;
  /** Jobs not at their end. */
  openJobs(): number;
}

/** Jobs journaled by an older version know no packages. */
const plannedPaths = ({ renditions, package: packaged }: JobRequest): string[] => [
  ...renditions.map(({ plannedOutput }) => plannedOutput),
  ...(packaged ? [packaged.plannedPath] : []),
];

/** Every path that a request will publish to. */
export const pathsOf = (requests: readonly JobRequest[]): string[] => requests.flatMap(plannedPaths);

type EndEvent = Extract<SchedulerEvent, { type: 'job-done' | 'job-failed' | 'job-canceled' | 'job-removed' }>;
const isEnd = (event: SchedulerEvent): event is EndEvent =>
  event.type === 'job-done' ||
  event.type === 'job-failed' ||
  event.type === 'job-canceled' ||
  event.type === 'job-removed';

/** Counts, because a job that is retried may plan a path that another took meanwhile. */
export function trackOutputNames(feed: CoreFeed): OutputNames {
  const counts = new Map<string, number>();
  const open = new Map<JobId, readonly string[]>();
  const numbers = new Map<string, Map<string, number>>();
  const add = (names: readonly string[]): void => {
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  const drop = (names: readonly string[]): void => {
    for (const name of names) {
      const left = (counts.get(name) ?? 1) - 1;
      if (left > 0) counts.set(name, left);
      else {
        counts.delete(name);
        numbers.clear();
      }
    }
  };
  const opened = (job: JobRecord | undefined): void => {
    if (job?.phase.kind !== 'active' || open.has(job.jobId)) return;
    const names = plannedPaths(job.request as JobRequest).map(foldName);
    open.set(job.jobId, names);
    add(names);
  };
  const closed = (jobId: JobId): void => {
    drop(open.get(jobId) ?? []);
    open.delete(jobId);
  };
  const note = (event: SchedulerEvent): void => {
    if (event.type === 'job-submitted' || event.type === 'job-retried') opened(feed.state().jobs.get(event.jobId));
    else if (isEnd(event)) closed(event.jobId);
    else if (event.type === 'job-request-changed') {
      closed(event.jobId);
      opened(feed.state().jobs.get(event.jobId));
    }
  };
  for (const job of feed.state().jobs.values()) opened(job);
  feed.subscribe((change) => {
    if (change.kind === 'events') change.events.forEach(note);
  });
  return {
    isPlanned: (foldedPath) => counts.has(foldedPath),
    reserve(paths) {
      const names = paths.map(foldName);
      add(names);
      return () => drop(names);
    },
    numbersIn(folder) {
      const known = numbers.get(folder) ?? new Map<string, number>();
      numbers.set(folder, known);
      return known;
    },
    openJobs: () => open.size,
  };
}
