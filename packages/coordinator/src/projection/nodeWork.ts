import type { NodeId } from '@reelmill/protocol';
import type { SchedulerState } from '@reelmill/scheduler';
import { chunkMapOf, requestOf } from './jobView.ts';
import type { NodeWork } from './nodeBook.ts';
import { currentFps, type RunningBook, waitsAtNode } from './runningBook.ts';

/** What each node works on now, for its row. */
export function nodeWork(
  running: ReturnType<RunningBook['running']>,
  { state, nowMs }: { readonly state: SchedulerState; readonly nowMs: number },
): Map<NodeId, NodeWork> {
  const work = new Map<NodeId, NodeWork>();
  for (const one of running) {
    const task = state.tasks.get(one.taskId);
    const record = task && state.jobs.get(task.plan.jobId);
    if (task === undefined || record === undefined || waitsAtNode(task, one.attempt)) continue;
    const { kind, chunkIndex, jobId } = task.plan;
    const label = `${requestOf(record).name} ${chunkIndex === null ? kind : `#${chunkIndex + 1}`}`;
    const percent = chunkIndex === null ? 0 : (chunkMapOf(record)?.percentOf(one.taskId) ?? 0);
    const item = { jobId, label, percent, fps: Math.round(10 * currentFps(one, nowMs)) / 10 };
    const before = work.get(one.nodeId);
    work.set(one.nodeId, {
      items: [...(before?.items ?? []), item],
      busySlots: (before?.busySlots ?? 0) + (one.phase === 'upload' ? 0 : 1),
    });
  }
  return work;
}
