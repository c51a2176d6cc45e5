import { useFarmStore } from '../../store/farmStore.ts';
import { isFinal } from '../../store/jobActions.ts';
import { notifyFailure } from '../../store/notices.ts';
import { addContent } from '../intake/submit.ts';

/** Carries command-line inputs in, and what the task bar and the window's closing need to know out. */
export function startHostBridge(): void {
  const host = window.farmHost;
  if (!host) return;
  const take = () => {
    host
      .takeInputs()
      .then((paths) => (paths.length > 0 ? addWhenLive(paths) : undefined))
      .catch(notifyFailure);
  };
  host.onInputs(take);
  take();
  setInterval(report, 1000);
}

/** Presets come with the first snapshot; before it there is nothing to submit with. */
async function addWhenLive(paths: string[]): Promise<void> {
  await new Promise<void>((resolve) => {
    const ready = () => useFarmStore.getState().replica !== null;
    if (ready()) return resolve();
    const stop = useFarmStore.subscribe(() => {
      if (!ready()) return;
      stop();
      resolve();
    });
  });
  await addContent({ paths, files: [] });
}

function report(): void {
  const jobs = useFarmStore.getState().replica?.farm.jobs ?? [];
  const active = jobs.filter((job) => !isFinal(job));
  const percent = active.length > 0 ? active.reduce((sum, job) => sum + job.percent, 0) / active.length : null;
  window.farmHost?.reportActivity({ activeJobs: active.length, percent });
}
