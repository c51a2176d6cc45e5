import type { FarmStats, JobView } from '@reelmill/protocol';

export interface StatsFacts {
  readonly traffic: { up: number; down: number; cpuPercent: number | null };
  readonly storage: FarmStats['storage'];
  readonly disk: FarmStats['disk'];
  readonly order: Pick<FarmStats, 'paused' | 'stopAfter' | 'queues'>;
  readonly eta: FarmStats['eta'];
  readonly lan: boolean;
  readonly joinCommand: string | null;
  readonly refusedMessages: FarmStats['refusedMessages'];
  readonly warnings: FarmStats['warnings'];
}

const isFinal = (job: JobView): boolean => job.state === 'done' || job.state === 'failed' || job.state === 'canceled';

interface ChunkCounts {
  readonly waiting: number;
  readonly encoding: number;
}
const counted = new WeakMap<JobView, ChunkCounts>();

/** A view never changes, so each map is counted once, not four times a second. */
function chunkCounts(job: JobView): ChunkCounts {
  const known = counted.get(job);
  if (known !== undefined) return known;
  const counts = { waiting: 0, encoding: 0 };
  for (const { state } of job.chunks) {
    if (state === 'waiting' || state === 'retry') counts.waiting += 1;
    if (state === 'encoding' || state === 'uploading') counts.encoding += 1;
  }
  counted.set(job, counts);
  return counts;
}

/** The numbers of the header line. Chunks are those of jobs that are not at their end. */
export function farmStats(jobs: readonly JobView[], facts: StatsFacts): FarmStats {
  const stats = {
    jobsActive: 0,
    jobsWaiting: 0,
    jobsFailed: 0,
    jobsDone: 0,
    chunksWaiting: 0,
    chunksEncoding: 0,
    chunksVerified: 0,
    chunksTotal: 0,
    fps: 0,
    speed: 0,
  };
  for (const job of jobs) {
    if (job.state === 'queued') stats.jobsWaiting += 1;
    else if (job.state === 'failed') stats.jobsFailed += 1;
    else if (job.state === 'done') stats.jobsDone += 1;
    else if (job.state !== 'canceled') stats.jobsActive += 1;
    if (isFinal(job)) continue;
    stats.fps += job.fps;
    stats.speed += job.speed;
    stats.chunksTotal += job.chunksTotal;
    stats.chunksVerified += job.chunksDone;
    const counts = chunkCounts(job);
    stats.chunksWaiting += counts.waiting;
    stats.chunksEncoding += counts.encoding;
  }
  return {
    ...stats,
    fps: Math.round(10 * stats.fps) / 10,
    speed: Math.round(100 * stats.speed) / 100,
    bytesUpPerSecond: facts.traffic.up,
    bytesDownPerSecond: facts.traffic.down,
    cpuPercent: facts.traffic.cpuPercent,
    ...facts.order,
    storage: facts.storage,
    disk: facts.disk,
    eta: facts.eta,
    lan: facts.lan,
    joinCommand: facts.joinCommand,
    refusedMessages: facts.refusedMessages,
    warnings: facts.warnings,
  };
}
