import {
  type DoctorReport,
  type JobId,
  type JobOrderChange,
  type JobRequestChange,
  type JobView,
  type NodeId,
  SubmitAnswer,
  type WatchFolderId,
  type WatchFolderRequest,
} from '@reelmill/protocol';
import { announce } from './announcer.ts';
import { useFarmStore } from './farmStore.ts';
import { sendCommand } from './link.ts';
import { notifyFailure } from './notices.ts';
import { type Direction, movesOf, placesOf, positionBack } from './places.ts';
import { perform, remember } from './undo.ts';

const finalStates: readonly JobView['state'][] = ['done', 'failed', 'canceled'];
export const isFinal = (job: Pick<JobView, 'state'>): boolean => finalStates.includes(job.state);
export const canRetry = (job: Pick<JobView, 'state'>): boolean => job.state === 'failed' || job.state === 'canceled';
/** Nothing of it was given to a node yet: preset and names can still be others. */
export const isWaiting = (job: Pick<JobView, 'state'>): boolean => job.state === 'queued' || job.state === 'preparing';

const jobsNow = (): readonly JobView[] => useFarmStore.getState().replica?.farm.jobs ?? [];
const jobsOf = (ids: readonly JobId[]): readonly JobView[] => jobsNow().filter(({ jobId }) => ids.includes(jobId));
const nameOf = (ids: readonly JobId[]): string =>
  ids.length === 1 ? (jobsOf(ids)[0]?.name ?? 'a job') : `${ids.length} jobs`;

type OfJob = 'cancel' | 'retry' | 'discard' | 'restore';
const sendAll = (type: OfJob, ids: readonly JobId[]): Promise<unknown> =>
  Promise.all(ids.map((jobId) => sendCommand({ type, jobId })));

export function cancelJob(jobId: JobId): void {
  sendCommand({ type: 'cancel', jobId }).catch(notifyFailure);
}

export function retryJobs(ids: readonly JobId[]): void {
  const label = `retry ${nameOf(ids)}`;
  void perform({ label, redo: () => sendAll('retry', ids), undo: () => sendAll('cancel', ids) });
}
export const retryJob = (jobId: JobId): void => retryJobs([jobId]);

/** Off the list; undone, they are at their places again. */
export function removeJobs(ids: readonly JobId[]): void {
  const label = `remove ${nameOf(ids)}`;
  void perform({ label, redo: () => sendAll('discard', ids), undo: () => sendAll('restore', ids) });
}
export const removeJob = (jobId: JobId): void => removeJobs([jobId]);

/** Jobs that were just added leave the list again when that is undone. */
export function rememberAdded(ids: readonly JobId[], label: string): void {
  if (ids.length === 0) return;
  remember({ label, redo: () => sendAll('restore', ids), undo: () => sendAll('discard', ids) });
}

/** Completed chunks are kept; `avoid`: not on the nodes that failed it, while others are there. */
export function retryFailures(which: JobId[], avoid?: 'failed-nodes'): void {
  sendCommand({ type: 'retry-failures', which, ...(avoid && { avoid }) }).catch(notifyFailure);
}

/** They leave the list of failures, and their unfinished work is deleted. */
export function giveUpJobs(which: JobId[]): void {
  sendCommand({ type: 'give-up-failures', which }).catch(notifyFailure);
}

const sendOrder = (jobId: JobId, change: JobOrderChange): Promise<unknown> =>
  sendCommand({ type: 'order', jobId, change });

/** Puts jobs back where they were, from the top: who stood above stands there already. */
async function putBack(places: ReturnType<typeof placesOf>): Promise<void> {
  for (const place of places) {
    const { jobId, priority } = place;
    const now = jobsNow().map((job) => (job.jobId === jobId ? { ...job, priority } : job));
    const position = positionBack(place, now);
    await sendOrder(jobId, { priority, ...(position !== undefined && { position }) });
  }
}

/** Changes the place of jobs; what was before is remembered. */
export function orderJobs(ids: readonly JobId[], change: JobOrderChange): void {
  const before = jobsOf(ids);
  const places = placesOf(jobsNow(), ids);
  const isMove = change.position !== undefined || change.priority !== undefined;
  void perform({
    label: `${orderWords(change)} ${nameOf(ids)}`,
    redo: () => Promise.all(ids.map((jobId) => sendOrder(jobId, change))),
    async undo() {
      for (const { jobId, held, deadline, queue } of before) {
        const kept = {
          ...(change.hold !== undefined && { hold: held }),
          ...(change.deadline !== undefined && { deadline }),
          ...(change.queue !== undefined && { queue }),
        };
        if (Object.keys(kept).length > 0) await sendOrder(jobId, kept);
      }
      if (isMove) await putBack(places);
    },
  });
}
export const orderJob = (jobId: JobId, change: JobOrderChange): void => orderJobs([jobId], change);

function orderWords({ hold, priority, position }: JobOrderChange): string {
  if (hold !== undefined) return hold ? 'hold' : 'resume';
  if (priority !== undefined) return `priority ${priority} of`;
  return position === undefined ? 'change' : 'move';
}

/** Moves jobs as one block among the waiting and running ones of their priority. */
export function moveJobs(ids: readonly JobId[], direction: Direction): void {
  const jobs = jobsNow();
  const moves = movesOf(jobs, ids, direction);
  if (moves.length === 0) return;
  const places = placesOf(jobs, ids);
  void perform({
    label: `move ${nameOf(ids)}`,
    async redo() {
      for (const { jobId, position } of moves) await sendOrder(jobId, { position });
    },
    undo: () => putBack(places),
  });
}

const nameStem = ({ plannedOutput }: JobView): string | undefined =>
  plannedOutput
    ?.split(/[\\/]/)
    .pop()
    ?.replace(/\.[^.]*$/, '')
    .replace(/ \(\d+\)$/, '');

/** Another preset or name for waiting jobs; the coordinator refuses it once chunks were given out. */
export function changeJobs(ids: readonly JobId[], change: JobRequestChange): void {
  const before = jobsOf(ids);
  const send = (jobId: JobId, wanted: JobRequestChange) => sendCommand({ type: 'change', jobId, change: wanted });
  void perform({
    label: `${change.preset === undefined ? 'rename' : 'preset of'} ${nameOf(ids)}`,
    redo: () => Promise.all(ids.map((jobId) => send(jobId, change))),
    undo: () =>
      Promise.all(
        before.map((job) => {
          const outputName = nameStem(job);
          const name = change.outputName !== undefined && outputName !== undefined ? { outputName } : {};
          return send(job.jobId, { ...(change.preset !== undefined && { preset: job.presets }), ...name });
        }),
      ),
  });
}

/** Once more, right behind each of them. */
export async function duplicateJobs(ids: readonly JobId[]): Promise<void> {
  const label = `duplicate ${nameOf(ids)}`;
  try {
    const answers = await Promise.all(ids.map((jobId) => sendCommand({ type: 'duplicate', jobId })));
    const added = answers.flatMap((answer) => SubmitAnswer.parse(answer).jobs.map(({ jobId }) => jobId));
    rememberAdded(added, label);
    announce(`${added.length} added`);
  } catch (thrown) {
    notifyFailure(thrown);
  }
}

/** With a job: when that ends. With `now` what runs is stopped and given back. */
export function pauseFarm(stopAfter: JobId | null, now = false): void {
  sendCommand({ type: 'pause-farm', stopAfter, ...(now && { now }) }).catch(notifyFailure);
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
