import type { JobId, JobView } from '@reelmill/protocol';
import { useFarmStore } from './farmStore.ts';
import { useViewStore } from './viewStore.ts';

interface Selected {
  readonly selectedJob: JobId | null;
  readonly selection: readonly JobId[];
}

/** All selected rows. Who sets only the focused one has selected that alone. */
export function selectionOf({ selectedJob, selection }: Selected): readonly JobId[] {
  if (selectedJob === null) return [];
  return selection.includes(selectedJob) ? selection : [selectedJob];
}

export function selectOnly(jobId: JobId | null): void {
  useViewStore.setState({ selectedJob: jobId, selection: jobId === null ? [] : [jobId], anchor: jobId });
}

/** Adds the row to the selection, or takes it out. */
export function toggleSelected(jobId: JobId): void {
  const view = useViewStore.getState();
  const before = selectionOf(view);
  const selection = before.includes(jobId) ? before.filter((one) => one !== jobId) : [...before, jobId];
  const selectedJob = selection.includes(jobId) ? jobId : (selection.at(-1) ?? null);
  useViewStore.setState({ selectedJob, selection, anchor: jobId });
}

/** From the anchor to this row, in the order shown. */
export function extendSelection(jobId: JobId, shown: readonly Pick<JobView, 'jobId'>[]): void {
  const { anchor, selectedJob } = useViewStore.getState();
  const ids = shown.map((job) => job.jobId);
  const from = ids.indexOf(anchor ?? selectedJob ?? jobId);
  const to = ids.indexOf(jobId);
  const selection = ids.slice(Math.min(from, to), Math.max(from, to) + 1);
  useViewStore.setState({ selectedJob: jobId, selection, anchor: ids[from] ?? jobId });
}

export function selectAll(shown: readonly Pick<JobView, 'jobId'>[]): void {
  const ids = shown.map((job) => job.jobId);
  const { selectedJob } = useViewStore.getState();
  const lead = selectedJob !== null && ids.includes(selectedJob) ? selectedJob : (ids[0] ?? null);
  useViewStore.setState({ selectedJob: lead, selection: ids });
}

/** The selected jobs as the farm knows them now, in queue order. */
export function selectedJobs(): readonly JobView[] {
  const ids = new Set(selectionOf(useViewStore.getState()));
  return (useFarmStore.getState().replica?.farm.jobs ?? []).filter(({ jobId }) => ids.has(jobId));
}
