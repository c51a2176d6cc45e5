import { useFarm } from '../../../store/farmStore.ts';
import { useViewStore } from '../../../store/viewStore.ts';
import { Inspector } from '../Inspector.tsx';
import { ChunkInspector } from './ChunkInspector.tsx';
import { useDetailView } from './detailView.ts';

/** The right-hand side: the chunk that is open in the detail, else the selected job. */
export function JobSide() {
  const openJob = useViewStore((view) => (view.screen === 'queue' ? view.openJob : null));
  const chunk = useDetailView((view) => view.chunk);
  const job = useFarm((farm) => farm.jobs.find(({ jobId }) => jobId === openJob) ?? null, null);
  const opened = chunk === null ? undefined : job?.chunks[chunk];
  return job !== null && opened !== undefined ? (
    <ChunkInspector job={job} chunk={opened} />
  ) : (
    <Inspector map={job === null} />
  );
}
