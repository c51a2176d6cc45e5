import type { FarmSnapshot, FarmStats } from '@reelmill/protocol';
import type { ClientOptions } from '../commands/withServer.ts';
import { callApi, findServer } from '../farm/farmClient.ts';

/** `reelmill stats`: sentences, or one JSON object. */
export async function printStats(options: ClientOptions): Promise<void> {
  const { farm } = await callApi<FarmSnapshot>(await findServer(options), '/farm');
  const text = options.json ? JSON.stringify(farm.stats) : statsText(farm.stats).join('\n');
  process.stdout.write(`${text}\n`);
}

/** One line per subject. */
export function statsText(stats: FarmStats): string[] {
  const { right, total } = stats.eta;
  return [
    `Jobs    ${stats.jobsActive} active, ${stats.jobsWaiting} waiting, ${stats.jobsDone} done, ${stats.jobsFailed} failed`,
    `Chunks  ${stats.chunksVerified} of ${stats.chunksTotal} verified, ${stats.chunksEncoding} on nodes, ${stats.chunksWaiting} waiting`,
    `Speed   ${stats.fps} fps, ${stats.speed}x`,
    ...diskLines(stats.disk),
    total === 0 ? 'ETA     not told of any finished job yet' : `ETA     right in ${right} of ${total} jobs`,
  ];
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function diskLines(disk: FarmStats['disk']): string[] {
  if (disk == null) return [];
  const state = disk.low ? `low: nothing new before ${gigabytes(disk.highBytes)} are free` : 'ok';
  const waiting = disk.waitingJobs === 0 ? '' : `, ${disk.waitingJobs} jobs wait for room`;
  return [`Disk    ${gigabytes(disk.freeBytes)} free, ${state}${waiting}`];
}
