import type { ChunkState, ChunkView, RenditionId } from '@reelmill/protocol';
import type { TaskState } from '@reelmill/scheduler';
import { currentFps, type RunningTask, waitsAtNode } from './runningBook.ts';

export interface ChunkFacts {
  readonly index: number;
  readonly rendition: RenditionId;
  readonly chunkIndex: number;
  readonly firstFrame: number;
  readonly endFrame: number;
  readonly task: TaskState | undefined;
  readonly running: RunningTask | undefined;
  readonly nodeName: string | null;
  readonly nowMs: number;
}

function chunkState(facts: ChunkFacts): ChunkState {
  const task = facts.task;
  if (task === undefined) return 'waiting';
  switch (task.phase.kind) {
    case 'completed':
      return 'verified';
    case 'failed':
      return 'failed';
    case 'leased':
      if (waitsAtNode(task, task.phase.lease.attempt)) return task.attempts > 1 ? 'retry' : 'waiting';
      return facts.running?.phase === 'upload' ? 'uploading' : 'encoding';
    default:
      return task.attempts > 0 ? 'retry' : 'waiting';
  }
}

/** 99 at most until the result was accepted: a chunk that is encoded may still fail its check. */
function chunkPercent(facts: ChunkFacts, state: ChunkState): number {
  if (state === 'verified') return 100;
  if (state === 'uploading') return 99;
  if (state !== 'encoding') return 0;
  const done = facts.running?.framesDone ?? 0;
  return Math.min(99, Math.floor((100 * done) / (facts.endFrame - facts.firstFrame)));
}

function chunkFps(facts: ChunkFacts): number {
  const phase = facts.task?.phase;
  if (phase?.kind === 'completed') {
    const seconds = phase.result.wallSeconds;
    return seconds > 0 ? Math.round((10 * (facts.endFrame - facts.firstFrame)) / seconds) / 10 : 0;
  }
  return Math.round(10 * currentFps(facts.running, facts.nowMs)) / 10;
}

/** One cell of the chunk map. */
export function chunkView(facts: ChunkFacts): ChunkView {
  const state = chunkState(facts);
  return {
    index: facts.index,
    rendition: facts.rendition,
    chunkIndex: facts.chunkIndex,
    firstFrame: facts.firstFrame,
    endFrame: facts.endFrame,
    state,
    attempt: facts.task?.attempts ?? 0,
    node: facts.nodeName,
    percent: chunkPercent(facts, state),
    fps: chunkFps(facts),
  };
}
