import type { ChunkView, JobId, TaskId } from '@reelmill/protocol';
import type { TaskState } from '@reelmill/scheduler';
import { taskIds } from '../house/planTasks.ts';
import type { PlanSummary } from '../jobRecords.ts';
import { type ChunkFacts, chunkView } from './chunkViews.ts';
import { currentFps, type RunningTask } from './runningBook.ts';

type Cell = Pick<ChunkFacts, 'index' | 'rendition' | 'chunkIndex' | 'firstFrame' | 'endFrame'> & {
  readonly taskId: TaskId;
};
/** What a cell shows now. */
type Showing = Pick<ChunkFacts, 'task' | 'running' | 'nodeName'> & { readonly isStale: boolean };

export interface ChunkSource {
  readonly nowMs: number;
  task(taskId: TaskId): TaskState | undefined;
  running(task: TaskState): RunningTask | undefined;
  nodeName(task: TaskState): string | null;
}

/**
 * The chunk map of one job. States never change, so a cell is made again only when its task or what runs of it is
 * another object: of a long film, a few of thousands.
 */
export class ChunkMap {
  readonly #cells: readonly Cell[];
  readonly #positions = new Map<TaskId, number>();
  readonly #shown: Showing[] = [];
  #views: ChunkView[] = [];

  constructor(jobId: JobId, plan: PlanSummary) {
    this.#cells = cellsOf(jobId, plan);
    for (const { taskId, index } of this.#cells) {
      if (!this.#positions.has(taskId)) this.#positions.set(taskId, index);
    }
  }

  /** The same list, and the same cells in it, as long as they show the same. */
  views(source: ChunkSource): ChunkView[] {
    let next: ChunkView[] | null = null;
    for (const cell of this.#cells) {
      const showing = showingOf(cell, source);
      const { index } = cell;
      if (isSame(this.#shown[index], showing)) continue;
      this.#shown[index] = showing;
      next ??= [...this.#views];
      next[index] = chunkView({ ...cell, ...showing, nowMs: source.nowMs });
    }
    if (next !== null) this.#views = next;
    return this.#views;
  }

  /** Of the chunk that a task makes; 0 where it makes none. */
  percentOf(taskId: TaskId): number {
    return this.#views[this.#positions.get(taskId) ?? -1]?.percent ?? 0;
  }
}

function cellsOf(jobId: JobId, { renditions }: PlanSummary): Cell[] {
  const cells = renditions.flatMap((summary) =>
    summary.chunkEnds.map((endFrame, chunkIndex) => ({
      rendition: summary.rendition,
      chunkIndex,
      firstFrame: summary.chunkEnds[chunkIndex - 1] ?? 0,
      endFrame,
      taskId:
        summary.kind === 'stills'
          ? taskIds.extract(jobId, summary.rendition, chunkIndex)
          : taskIds.encode(jobId, summary, chunkIndex),
    })),
  );
  return cells.map((cell, index) => ({ index, ...cell }));
}

function showingOf({ taskId }: Cell, source: ChunkSource): Showing {
  const task = source.task(taskId);
  if (task?.phase.kind !== 'leased') {
    const nodeName = task?.phase.kind === 'completed' ? task.phase.result.nodeName : null;
    return { task, running: undefined, nodeName, isStale: false };
  }
  const running = source.running(task);
  const isStale = running !== undefined && running.fps > 0 && currentFps(running, source.nowMs) === 0;
  return { task, running, nodeName: source.nodeName(task), isStale };
}

const isSame = (before: Showing | undefined, now: Showing): boolean =>
  before !== undefined &&
  before.task === now.task &&
  before.running === now.running &&
  before.nodeName === now.nodeName &&
  before.isStale === now.isStale;
