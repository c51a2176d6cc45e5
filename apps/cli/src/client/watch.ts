import { exitCodes, FarmError } from '@reelmill/protocol';
import type { ClientOptions } from '../commands/withServer.ts';
import { findServer, openFeed } from '../farm/farmClient.ts';
import { isFinal, untilFinal } from '../farm/followFarm.ts';
import { interruption } from '../farm/interruption.ts';
import { eventLines } from '../output/eventLines.ts';
import { jobLine } from '../output/jobLine.ts';
import { boardFor } from '../output/progressBoard.ts';

/** Follows jobs to their end. Returns the exit code: 1 only with `exitStatus` and a failed job. */
export async function watch(
  jobIds: readonly string[],
  options: ClientOptions & { exitStatus?: boolean },
): Promise<number> {
  const feed = await openFeed(await findServer(options));
  const stop = interruption();
  stop.signal.addEventListener('abort', () => process.exit(exitCodes.interrupted));
  const write = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const board = boardFor(options.json ? process.stderr : process.stdout);
  const lines = options.json ? eventLines(write) : () => {};
  const startedAt = performance.now();
  try {
    const wanted = jobIds.length > 0 ? jobIds : unfinished(feed);
    const jobs = await untilFinal(feed, wanted, (farm, patch) => {
      const missing = jobIds.find((id) => !farm.jobs.some((job) => job.jobId === id));
      if (missing !== undefined) throw new FarmError('NOT_FOUND', { message: `There is no job ${missing}.` });
      board.update(farm);
      lines(farm, patch);
    });
    board.end();
    for (const job of options.json ? jobs : [])
      write(jobLine(job, { wallSeconds: (performance.now() - startedAt) / 1000, slots: 0 }));
    const failed = jobs.some((job) => job.state !== 'done');
    return options.exitStatus && failed ? exitCodes.jobFailed : exitCodes.done;
  } finally {
    stop.dispose();
    feed.close();
  }
}

function unfinished(feed: Parameters<typeof untilFinal>[0]): string[] {
  let ids: string[] = [];
  feed.follow((farm) => {
    ids = farm.jobs.filter((job) => !isFinal(job)).map((job) => job.jobId);
  })();
  return ids;
}
