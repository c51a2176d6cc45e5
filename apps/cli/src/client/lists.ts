import type { ErrorData, FarmStats, JobView } from '@reelmill/protocol';
import type { ClientOptions } from '../commands/withServer.ts';
import { callApi, findServer } from '../farm/farmClient.ts';
import { describeEta, describeMarks, describePercent, describeState } from '../output/describeJob.ts';
import { formatTable } from '../output/formatTable.ts';

type JobList = { readonly jobs: JobView[]; readonly warnings?: ErrorData[] } & Pick<FarmStats, 'paused' | 'stopAfter'>;

/** `reelmill ls`: a table, or one JSON object a line. */
export async function listJobs(options: ClientOptions): Promise<void> {
  const answer = await callApi<JobList>(await findServer(options), '/jobs');
  const { jobs, warnings } = answer;
  for (const { cause, fix } of warnings ?? []) process.stderr.write(`! ${cause}\n  ${fix}\n`);
  if (options.json) return writeLines(jobs);
  tellPause(answer);
  if (jobs.length === 0)
    return void process.stdout.write('No jobs. Add one with `reelmill submit FILE --preset ID`.\n');
  const rows = jobs.map((job) => [
    job.jobId,
    describeState(job),
    describePercent(job),
    `${job.chunksDone}/${job.chunksTotal}`,
    job.speed > 0 ? `${job.speed.toFixed(1)}x` : '-',
    describeEta(job.eta),
    job.name,
    describeMarks(job),
  ]);
  process.stdout.write(formatTable(['ID', 'STATE', '%', 'CHUNKS', 'SPEED', 'LEFT', 'JOB', ''], rows));
}

function tellPause({ paused, stopAfter }: JobList): void {
  if (paused) process.stderr.write('The farm is paused: `reelmill resume` lets it go on.\n');
  if (stopAfter !== null) process.stderr.write(`The farm pauses when ${stopAfter} ends.\n`);
}

/** One JSON object a line. */
export function writeLines(items: readonly object[]): void {
  for (const item of items) process.stdout.write(`${JSON.stringify(item)}\n`);
}
