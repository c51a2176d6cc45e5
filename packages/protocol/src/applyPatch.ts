import { assertNever } from './assertNever.ts';
import type { FarmChange, FarmPatch, FarmSnapshot } from './interfaceWire.ts';
import type { ChunkView, FarmView, JobView } from './views.ts';

type JobAdded = Extract<FarmChange, { kind: 'job-added' }>;
type JobChanged = Extract<FarmChange, { kind: 'job-changed' }>;

/** New array with the given chunks put at their own index; the others keep their identity. */
function placeChunks(chunks: readonly ChunkView[], changed: readonly ChunkView[]): ChunkView[] {
  const next = [...chunks];
  for (const chunk of changed) next[chunk.index] = chunk;
  return next;
}

function changeJob(job: JobView, change: JobChanged): JobView {
  const chunks = change.chunks.length === 0 ? job.chunks : placeChunks(job.chunks, change.chunks);
  return { ...job, ...change.fields, chunks };
}

/** The jobs that are added one behind the other from that change on. */
function addedFrom(changes: readonly FarmChange[], from: number): JobAdded[] {
  const added: JobAdded[] = [];
  for (let at = from; changes[at]?.kind === 'job-added'; at += 1) added.push(changes[at] as JobAdded);
  return added;
}

/** The list is copied once: a long queue comes in pages of hundreds. */
function addJobs(farm: FarmView, added: readonly JobAdded[]): FarmView {
  const jobs = [...farm.jobs];
  for (const { job, at } of added) jobs.splice(at, 0, job);
  return { ...farm, jobs };
}

function applyChange(farm: FarmView, change: FarmChange): FarmView {
  switch (change.kind) {
    case 'job-added':
      return addJobs(farm, [change]);
    case 'job-changed':
      return { ...farm, jobs: farm.jobs.map((job) => (job.jobId === change.jobId ? changeJob(job, change) : job)) };
    case 'job-removed':
      return { ...farm, jobs: farm.jobs.filter((job) => job.jobId !== change.jobId) };
    case 'node-changed': {
      const known = farm.nodes.some((node) => node.nodeId === change.node.nodeId);
      const replace = () => farm.nodes.map((node) => (node.nodeId === change.node.nodeId ? change.node : node));
      return { ...farm, nodes: known ? replace() : [...farm.nodes, change.node] };
    }
    case 'node-removed':
      return { ...farm, nodes: farm.nodes.filter((node) => node.nodeId !== change.nodeId) };
    case 'stats-changed':
      return { ...farm, stats: change.stats };
    case 'watch-folders-changed':
      return { ...farm, watchFolders: change.watchFolders };
    default:
      return assertNever(change);
  }
}

/**
 * The replica after one patch. Pure: what did not change keeps its identity, so that a view can compare by reference.
 */
export function applyPatch(farm: FarmView, { changes }: Pick<FarmPatch, 'changes'>): FarmView {
  let next = farm;
  for (let at = 0; at < changes.length; ) {
    const added = addedFrom(changes, at);
    next = added.length > 0 ? addJobs(next, added) : applyChange(next, changes[at] as FarmChange);
    at += Math.max(1, added.length);
  }
  return next;
}

/** True when `patch` is the next one after `replica`; otherwise the reader asks for a fresh snapshot. */
export function followsSnapshot(replica: Pick<FarmSnapshot, 'epoch' | 'sequence'>, patch: FarmPatch): boolean {
  return patch.epoch === replica.epoch && patch.sequence === replica.sequence + 1;
}
