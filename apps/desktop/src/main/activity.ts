import { type BrowserWindow, powerSaveBlocker } from 'electron';
import type { HostActivity } from '../shared/farmHost.ts';

export interface ActivityIndicator {
  show(activity: HostActivity, window: BrowserWindow | null): void;
  readonly activeJobs: number;
}

const idle = -1;
/** Task bars flicker when they are told more often. */
const leastMs = 1_000;

/** Task bar progress, at most once a second, and no sleep of the machine while it renders. */
export function createActivityIndicator(clock: () => number = () => performance.now()): ActivityIndicator {
  let blocker: number | null = null;
  let activeJobs = 0;
  let told = { value: idle, atMs: Number.NEGATIVE_INFINITY };
  const tell = (window: BrowserWindow | null, value: number): void => {
    const atMs = clock();
    // the end is told at once: nothing tells it again
    if (value === told.value || (value !== idle && atMs - told.atMs < leastMs)) return;
    told = { value, atMs };
    window?.setProgressBar(value);
  };
  return {
    get activeJobs() {
      return activeJobs;
    },
    show(activity, window) {
      activeJobs = activity.activeJobs;
      tell(window, activity.percent === null ? idle : activity.percent / 100);
      if (activity.rendersHere && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension');
      if (!activity.rendersHere && blocker !== null) {
        powerSaveBlocker.stop(blocker);
        blocker = null;
      }
    },
  };
}
