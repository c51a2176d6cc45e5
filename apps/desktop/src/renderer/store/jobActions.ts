import type {
  DoctorReport,
  JobId,
  JobOrderChange,
  JobView,
  NodeId,
  WatchFolderId,
  WatchFolderRequest,
} from '@reelmill/protocol';
import { useFarmStore } from './farmStore.ts';
import { sendCommand } from './link.ts';
import { notifyFailure } from './notices.ts';

const finalStates: readonly JobView['state'][] = ['done', 'failed', 'canceled'];
export const isFinal = (job: Pick<JobView, 'state'>): boolean => finalStates.includes(job.state);
export const canRetry = (job: Pick<JobView, 'state'>): boolean => job.state === 'failed' || job.state === 'canceled';

const send = (type: 'cancel' | 'retry' | 'remove', jobId: JobId): void => {
  sendCommand({ type, jobId }).catch(notifyFailure);
};

export const cancelJob = (jobId: JobId): void => send('cancel', jobId);
export const retryJob = (jobId: JobId): void => send('retry', jobId);
export const removeJob = (jobId: JobId): void => send('remove', jobId);

/** Completed chunks are kept; `avoid`: not on the nodes that failed it, while others are there. */
export function retryFailures(which: JobId[], avoid?: 'failed-nodes'): void {
  sendCommand({ type: 'retry-failures', which, ...(avoid && { avoid }) }).catch(notifyFailure);
}

/** They leave the list of failures, and their unfinished work is deleted. */
export function giveUpJobs(which: JobId[]): void {
  sendCommand({ type: 'give-up-failures', which }).catch(notifyFailure);
}

export function orderJob(jobId: JobId, change: JobOrderChange): void {
  sendCommand({ type: 'order', jobId, change }).catch(notifyFailure);
}

/** One place up (-1) or down (1) among the waiting and running jobs of its priority; nothing at the ends. */
export function moveBy(jobId: JobId, step: -1 | 1): void {
  const jobs = useFarmStore.getState().replica?.farm.jobs ?? [];
  const { priority } = jobs.find((job) => job.jobId === jobId) ?? {};
  const peers = jobs.filter((job) => job.priority === priority && !isFinal(job));
  const neighbour = peers[peers.findIndex((job) => job.jobId === jobId) + step]?.jobId;
  if (neighbour === undefined) return;
  orderJob(jobId, { position: step < 0 ? { before: neighbour } : { after: neighbour } });
}

/** With a job: when that ends. */
export function pauseFarm(stopAfter: JobId | null): void {
  sendCommand({ type: 'pause-farm', stopAfter }).catch(notifyFailure);
}

export function resumeFarm(): void {
  sendCommand({ type: 'resume-farm' }).catch(notifyFailure);
}

export function setLan(enabled: boolean): void {
  sendCommand({ type: 'set-lan', enabled }).catch(notifyFailure);
}

/** With `now` its encoders are stopped at once; else what runs ends first. */
export function pauseNode(nodeId: NodeId, now: boolean): void {
  sendCommand({ type: 'pause-node', nodeId, now }).catch(notifyFailure);
}

export function resumeNode(nodeId: NodeId): void {
  sendCommand({ type: 'resume-node', nodeId }).catch(notifyFailure);
}

/** When the farm uses it, by its own clock; null: at all hours. */
export function scheduleNode(nodeId: NodeId, schedule: string | null): void {
  sendCommand({ type: 'schedule-node', nodeId, schedule }).catch(notifyFailure);
}

export function forgetNode(nodeId: string): void {
  sendCommand({ type: 'forget-node', nodeId: nodeId as never }).catch(notifyFailure);
}

export async function addWatchFolder(request: WatchFolderRequest): Promise<void> {
  await sendCommand({ type: 'add-watch-folder', request });
}

export function pauseWatchFolder(watchFolderId: WatchFolderId, paused: boolean): void {
  sendCommand({ type: 'change-watch-folder', watchFolderId, change: { paused } }).catch(notifyFailure);
}

/** Files, jobs and outputs stay. */
export function removeWatchFolder(watchFolderId: WatchFolderId): void {
  sendCommand({ type: 'remove-watch-folder', watchFolderId }).catch(notifyFailure);
}

/** @throws CommandError */
export async function examineFarm(): Promise<DoctorReport> {
  const answer = await sendCommand({ type: 'examine' });
  if (answer === null || !('checks' in answer)) throw new Error('The coordinator answered something else.');
  return answer;
}
