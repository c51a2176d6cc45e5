import type { SchedulerState, TaskState } from '../model.ts';

/** What of a state must survive in the journal, as canonical text: all but nodes, clock and renewals. */
export function durableView(state: SchedulerState): string {
  const tasks = [...state.tasks.values()].map(durableTask).sort((left, right) => (left.id < right.id ? -1 : 1));
  const { jobsQueued } = state.index;
  const blame = [...state.index.work].map(([jobId, work]) => [jobId, [...work.blame].sort()]).sort();
  const { nextSequence } = state;
  const trust = [...state.trust].sort();
  return JSON.stringify({ jobs: [...state.jobs.values()], tasks, nextSequence, jobsQueued, blame, trust });
}

function durableTask(task: TaskState): { id: string; task: unknown } {
  const { phase } = task;
  const id = task.plan.taskId;
  if (phase.kind !== 'leased') return { id, task };
  const { attempt, nodeId } = phase.lease;
  return { id, task: { ...task, phase: { kind: 'leased', lease: { attempt, nodeId } } } };
}
