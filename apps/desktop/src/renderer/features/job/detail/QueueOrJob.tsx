import { useFarm } from '../../../store/farmStore.ts';
import { useViewStore } from '../../../store/viewStore.ts';
import { QueueScreen } from '../../queue/QueueScreen.tsx';
import { JobDetail } from './JobDetail.tsx';

/** The queue, or the detail of one of its jobs. A job that is gone leads back. */
export function QueueOrJob() {
  const openJob = useViewStore((view) => view.openJob);
  const job = useFarm((farm) => farm.jobs.find(({ jobId }) => jobId === openJob) ?? null, null);
  return job === null ? <QueueScreen /> : <JobDetail key={job.jobId} job={job} />;
}
