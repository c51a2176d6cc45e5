import type { FailureGroup, FailuresChanged, RetryFailures } from '@reelmill/protocol';
import type { ClientOptions } from '../commands/withServer.ts';
import { callApi, findServer } from '../farm/farmClient.ts';
import { formatTable } from '../output/formatTable.ts';

/** `reelmill failures`: the causes with what to do about each, and the tasks they ended; or one JSON object a group. */
export async function listFailures(options: ClientOptions): Promise<void> {
  const { groups } = await callApi<{ groups: FailureGroup[] }>(await findServer(options), '/failures');
  if (options.json) {
    for (const group of groups) process.stdout.write(`${JSON.stringify(group)}\n`);
    return;
  }
  if (groups.length === 0) return void process.stdout.write('No failures.\n');
  for (const { groupId, error, letters } of groups) {
    process.stdout.write(`${groupId}  (${letters.length})\n  ${error.cause}\n  ${error.fix}\n`);
    const rows = letters.map(({ jobId, name, task }) => [
      `  ${jobId}`,
      task === null ? '—' : task.taskId.slice(jobId.length + 1),
      String(task?.attempts ?? 0),
      task?.failedOn.join(' ') || '—',
      name,
    ]);
    process.stdout.write(`${formatTable(['  JOB', 'TASK', 'ATTEMPTS', 'FAILED ON', 'NAME'], rows)}\n`);
  }
}

export interface RetryOptions extends ClientOptions {
  readonly elsewhere?: boolean;
  readonly avoid?: readonly string[];
}

/** `reelmill failures retry`: `elsewhere` keeps it from the nodes that failed it, `avoid` from those named. */
export async function retryFailures(which: readonly string[], options: RetryOptions): Promise<void> {
  const avoid = options.elsewhere ? 'failed-nodes' : options.avoid;
  const body = { which, ...(avoid !== undefined && { avoid }) } as RetryFailures;
  await change('retry', body, options);
}

/** `reelmill failures give-up`. */
export const giveUpFailures = (which: readonly string[], options: ClientOptions): Promise<void> =>
  change('give-up', { which: [...which] }, options);

async function change(verb: 'retry' | 'give-up', body: RetryFailures, options: ClientOptions): Promise<void> {
  const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const { jobIds } = await callApi<FailuresChanged>(await findServer(options), `/failures/${verb}`, init);
  for (const jobId of jobIds) {
    process.stdout.write(options.json ? `${JSON.stringify({ type: verb, jobId })}\n` : `${jobId} ${verb} accepted\n`);
  }
}
