import { assertNever, type FarmSnapshot } from '@reelmill/protocol';
import type { HostOrder } from '../../../shared/farmHost.ts';
import { useFarmStore } from '../../store/farmStore.ts';
import { isFinal, pauseFarm, resumeFarm } from '../../store/jobActions.ts';
import { notifyFailure } from '../../store/notices.ts';
import { runNamedCommand } from '../commands/commandActions.ts';
import { chooseFiles } from '../intake/chooseFiles.ts';
import { addContent } from '../intake/submit.ts';
import { openLink } from '../links/openLinks.ts';

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
  host.onCommand(runNamedCommand);
  take();
  const follow = () => {
    host
      .takeLinks()
      .then((links) => (links.length > 0 ? whenLive().then(() => links.forEach(openLink)) : undefined))
      .catch(notifyFailure);
  };
  host.onLinks(follow);
  follow();
  host.onOrder(obey);
  setInterval(report, 1000);
  // the end of the last job is told at once: who quits then is not asked about work that is done
  useFarmStore.subscribe(({ replica }, before) => {
    if (openJobs(replica) !== openJobs(before.replica)) report();
  });
}

const openJobs = (replica: FarmSnapshot | null): number =>
  (replica?.farm.stats.jobsActive ?? 0) + (replica?.farm.stats.jobsWaiting ?? 0);

/** What menus outside the window ask for. */
function obey(order: HostOrder): void {
  switch (order) {
    case 'add-files':
      void chooseFiles();
      break;
    case 'pause-farm':
      pauseFarm(null);
      break;
    case 'resume-farm':
      resumeFarm();
      break;
    default:
      assertNever(order);
  }
}

/** Presets come with the first snapshot; before it there is nothing to submit with. */
async function addWhenLive(paths: string[]): Promise<void> {
  await whenLive();
  await addContent({ paths, files: [] });
}

function whenLive(): Promise<void> {
  return new Promise<void>((resolve) => {
    const ready = () => useFarmStore.getState().replica !== null;
    if (ready()) return resolve();
    const stop = useFarmStore.subscribe(() => {
      if (!ready()) return;
      stop();
      resolve();
    });
  });
}

function report(): void {
  const { jobs = [], nodes = [], stats } = useFarmStore.getState().replica?.farm ?? {};
  const active = jobs.filter((job) => !isFinal(job));
  const percent = active.length > 0 ? active.reduce((sum, job) => sum + job.percent, 0) / active.length : null;
  const rendersHere = nodes.some(({ local, busySlots }) => local && busySlots > 0);
  window.farmHost?.reportActivity({ activeJobs: active.length, percent, rendersHere, paused: stats?.paused ?? false });
}
