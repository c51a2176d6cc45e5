import type { ClientOptions } from '../commands/clientCommands.ts';
import { callApi, findServer } from '../farm/farmClient.ts';

/** Cancels or retries jobs, one call each. Throws the server's FarmError. */
export async function changeJobs(
  verb: 'cancel' | 'retry',
  jobIds: readonly string[],
  options: ClientOptions,
): Promise<void> {
  const access = await findServer(options);
  for (const jobId of jobIds) {
    await callApi(access, `/jobs/${encodeURIComponent(jobId)}/${verb}`, { method: 'POST' });
    process.stdout.write(options.json ? `${JSON.stringify({ type: verb, jobId })}\n` : `${jobId} ${verb} accepted\n`);
  }
}
