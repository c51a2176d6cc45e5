import type { JobOrderChange } from '@reelmill/protocol';
import type { ClientOptions } from '../commands/withServer.ts';
import { callApi, findServer, type ServerAccess } from '../farm/farmClient.ts';

const tell = (line: { type: string; jobId?: string }, text: string, { json }: ClientOptions): void =>
  void process.stdout.write(json ? `${JSON.stringify(line)}\n` : `${text}\n`);

const pathOf = (jobId: string): string => `/jobs/${encodeURIComponent(jobId)}`;

const sendJson = (access: ServerAccess, path: string, request: { method: string; body: object }): Promise<unknown> =>
  callApi(access, path, {
    method: request.method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request.body),
  });

/** Cancels or retries jobs, one call each. Throws the server's FarmError. */
export async function changeJobs(
  verb: 'cancel' | 'retry',
  jobIds: readonly string[],
  options: ClientOptions,
): Promise<void> {
  const access = await findServer(options);
  for (const jobId of jobIds) {
    await callApi(access, `${pathOf(jobId)}/${verb}`, { method: 'POST' });
    tell({ type: verb, jobId }, `${jobId} ${verb} accepted`, options);
  }
}

/** Changes the place of jobs among the others, one call each; `verb` names the change in the answer. */
export async function orderJobs(
  verb: string,
  asked: { readonly jobIds: readonly string[]; readonly change: object },
  options: ClientOptions,
): Promise<void> {
  const access = await findServer(options);
  const change = asked.change as JobOrderChange;
  for (const jobId of asked.jobIds) {
    await sendJson(access, pathOf(jobId), { method: 'PATCH', body: change });
    tell({ type: verb, jobId }, `${jobId} ${verb} accepted`, options);
  }
}

/** Pauses the farm, at once or after a job, or lets it go on. */
export async function switchFarm(
  verb: 'pause' | 'resume',
  options: ClientOptions & { readonly after?: string },
): Promise<void> {
  const body = options.after === undefined ? {} : { stopAfter: options.after };
  await sendJson(await findServer(options), `/farm/${verb}`, { method: 'POST', body });
  const text = verb === 'resume' ? 'The farm goes on.' : pauseText(options.after);
  tell({ type: `farm-${verb}`, ...(options.after !== undefined && { jobId: options.after }) }, text, options);
}

const pauseText = (after: string | undefined): string =>
  after === undefined
    ? 'The farm is paused: running tasks end, nothing new starts.'
    : `The farm pauses when ${after} ends; jobs behind it get nothing new.`;
