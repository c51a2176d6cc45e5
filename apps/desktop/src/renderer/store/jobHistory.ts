import {
  type AttemptLog,
  applyHistoryPatch,
  type JobHistory,
  type JobHistoryPatch,
  type JobId,
  type JobQuality,
  type LogRequest,
} from '@reelmill/protocol';
import { create } from 'zustand';
import { askFarm, onFarmEvent, onLinkLive } from './link.ts';

interface HistoryState {
  /** Of the job whose detail is open; null: not there yet. */
  readonly history: JobHistory | null;
  /** `performance.now()` when `history.now` was true: the coordinator's clock goes on from there. */
  readonly takenMs: number;
}

export const useJobHistory = create<HistoryState>()(() => ({ history: null, takenMs: 0 }));

let watched: JobId | null = null;

const take = (history: JobHistory | null): void => useJobHistory.setState({ history, takenMs: performance.now() });

async function ask(): Promise<void> {
  const wish = watched;
  const history = await askFarm<JobHistory | null>('job:watch', wish);
  if (watched === wish && wish !== null) take(history);
}

/** Follows one job from now on, across reconnects; null: none. Failures show as a history that is not there. */
export function watchJob(jobId: JobId | null): void {
  if (watched !== jobId) useJobHistory.setState({ history: null });
  watched = jobId;
  ask().catch(() => take(null));
}

/** Told once at the start of the page. */
export function startJobHistory(): void {
  onFarmEvent('job:history', (patch: JobHistoryPatch) => {
    const { history } = useJobHistory.getState();
    if (history !== null) take(applyHistoryPatch(history, patch));
  });
  onLinkLive(() => {
    if (watched !== null) watchJob(watched);
  });
}

/** The coordinator's time now, epoch milliseconds: the clock of this machine may be another one. */
export function farmNowMs({ history, takenMs }: HistoryState): number {
  return history === null ? 0 : Date.parse(history.now) + performance.now() - takenMs;
}

export const readLog = (request: LogRequest): Promise<AttemptLog> => askFarm<AttemptLog>('job:log', request);
export const readQuality = (jobId: JobId): Promise<JobQuality> => askFarm<JobQuality>('job:quality', jobId);
