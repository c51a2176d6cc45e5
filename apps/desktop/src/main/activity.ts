import { type BrowserWindow, powerSaveBlocker } from 'electron';
import type { HostActivity } from '../shared/farmHost.ts';

export interface ActivityIndicator {
  show(activity: HostActivity, window: BrowserWindow | null): void;
  readonly activeJobs: number;
}

/** Task bar progress, and no sleep of the machine while it renders. */
export function createActivityIndicator(): ActivityIndicator {
  let blocker: number | null = null;
  let activeJobs = 0;
  return {
    get activeJobs() {
      return activeJobs;
    },
    show(activity, window) {
      activeJobs = activity.activeJobs;
      window?.setProgressBar(activity.percent === null ? -1 : activity.percent / 100);
      if (activeJobs > 0 && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension');
      if (activeJobs === 0 && blocker !== null) {
        powerSaveBlocker.stop(blocker);
        blocker = null;
      }
    },
  };
}
