import type { FarmPatch, FarmView } from '@reelmill/protocol';

/** NDJSON progress: each chunk change, and a progress line per job when its whole percent or phase changes. */
export function eventLines(write: (line: object) => void): (farm: FarmView, patch: FarmPatch | null) => void {
  const shown = new Map<string, string>();
  return (farm, patch) => {
    for (const change of patch?.changes ?? []) {
      if (change.kind !== 'job-changed') continue;
      for (const chunk of change.chunks) {
        const step = `${chunk.state} ${chunk.attempt}`;
        const key = `${change.jobId} ${chunk.index}`;
        if (shown.get(key) === step) continue;
        shown.set(key, step);
        write({
          type: 'chunk',
          jobId: change.jobId,
          index: chunk.index,
          rendition: chunk.rendition,
          state: chunk.state,
          attempt: chunk.attempt,
          node: chunk.node,
        });
      }
    }
    for (const job of farm.jobs) {
      const step = `${job.state} ${job.phase} ${Math.floor(job.percent)}`;
      if (shown.get(job.jobId) === step) continue;
      shown.set(job.jobId, step);
      const { jobId, state, phase, percent, fps, speed, chunksDone, chunksTotal } = job;
      write({
        type: 'progress',
        jobId,
        state,
        phase,
        percent: Math.round(percent * 10) / 10,
        fps,
        speed,
        chunksDone,
        chunksTotal,
      });
    }
  };
}
