import type { JobId } from '@reelmill/protocol';
import type { Lease, Place, SchedulerState, TaskState } from '../model.ts';
import { speedFacts } from '../speed.ts';
import { jobsInSequence } from '../state.ts';

/** What of a state must survive in the journal, as canonical text: all but nodes, clock and renewals. */
export function durableView(state: SchedulerState): string {
  const tasks = [...state.tasks.values()].map(durableTask).sort((left, right) => (left.id < right.id ? -1 : 1));
  const order = [state.index.order.farm, state.index.order.house].map(({ lanes, service, floor }) =>
    [lanes, service, floor].map((map) => [...map].sort()),
  );
  const jobsQueued = { farm: jobsWith(state, 'farm'), house: jobsWith(state, 'house') };
  const blame = [...state.index.work].map(([jobId, work]) => [jobId, [...work.blame].sort()]).sort();
  const { nextSequence, nextRank, gate } = state;
  const trust = [...state.trust].sort();
  const pauses = [...state.pauses].sort();
  const hours = [...state.hours].sort();
  const counts = { nextSequence, nextRank, gate };
  const speeds = speedFacts(state.speeds);
  const kept = { ...counts, jobsQueued, order, blame, trust, pauses, hours, speeds };
  return JSON.stringify({ jobs: jobsInSequence(state), tasks, ...kept });
}

/** Jobs that have something queued, in order of submission. */
const jobsWith = (state: SchedulerState, place: Place): JobId[] =>
  jobsInSequence(state)
    .map(({ jobId }) => jobId)
    .filter((jobId) => (state.index.work.get(jobId)?.queued[place].length ?? 0) > 0);

function durableTask(task: TaskState): { id: string; task: unknown } {
  const { phase } = task;
  const id = task.plan.taskId;
  if (phase.kind !== 'leased') return { id, task };
  const durable = ({ attempt, nodeId }: Lease) => ({ attempt, nodeId });
  const backup = phase.backup === null ? {} : { backup: durable(phase.backup) };
  return { id, task: { ...task, phase: { kind: 'leased', lease: durable(phase.lease), ...backup } } };
}
