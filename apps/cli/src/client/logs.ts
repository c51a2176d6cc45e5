import {
  type AttemptLog,
  type AttemptView,
  attemptsOfChunk,
  FarmError,
  type JobDetail,
  type JobHistory,
  type ProgramRun,
} from '@reelmill/protocol';
import type { ClientOptions } from '../commands/withServer.ts';
import { callApi, findServer, type ServerAccess } from '../farm/farmClient.ts';
import { formatTable } from '../output/formatTable.ts';

interface LogsOptions extends ClientOptions {
  /** Counted from 1, as windows show it. */
  readonly chunk?: number;
  readonly attempt?: number;
  readonly command?: boolean;
}

/** `reelmill logs JOB [--chunk N] [--attempt N]`: the attempts, the cause of what failed, and its log. */
export async function printLogs(jobId: string, options: LogsOptions): Promise<void> {
  const access = await findServer(options);
  const path = `/jobs/${encodeURIComponent(jobId)}`;
  const [job, history] = await Promise.all([
    callApi<JobDetail>(access, path),
    callApi<JobHistory>(access, `${path}/attempts`),
  ]);
  const attempts = options.chunk === undefined ? history.attempts : ofChunk(job, history, options.chunk);
  const shown = chosen(attempts, options);
  const log = await readLog(access, path, { shown, options });
  if (options.json) return void process.stdout.write(`${JSON.stringify({ type: 'log', attempts, log })}\n`);
  if (options.command) return void process.stdout.write(log?.runs.map((run) => `${commandLine(run)}\n`).join('') ?? '');
  process.stdout.write(attemptTable(attempts));
  if (shown?.error) process.stdout.write(`\n${causeText(job, shown, shown.error)}`);
  if (log !== null) process.stdout.write(`\n${logText(log)}`);
}

function ofChunk(job: JobDetail, history: JobHistory, number: number): AttemptView[] {
  const chunk = job.chunks[number - 1];
  if (chunk !== undefined) return attemptsOfChunk(history.attempts, chunk);
  throw new FarmError('NOT_FOUND', {
    message: `${job.jobId} has ${job.chunks.length} chunks; there is no chunk ${number}.`,
  });
}

const isFault = ({ state }: AttemptView): boolean => state === 'failed' || state === 'lost' || state === 'rejected';

function chosen(attempts: readonly AttemptView[], { attempt, chunk }: LogsOptions): AttemptView | undefined {
  if (attempt !== undefined) {
    const found = attempts.findLast((one) => one.attempt === attempt);
    if (found === undefined) throw new FarmError('NOT_FOUND', { message: `There is no attempt ${attempt}.` });
    return found;
  }
  return attempts.findLast(isFault) ?? (chunk === undefined ? undefined : attempts.at(-1));
}

async function readLog(
  access: ServerAccess,
  path: string,
  { shown, options }: { shown: AttemptView | undefined; options: LogsOptions },
): Promise<AttemptLog | null> {
  if (shown !== undefined) {
    const task = encodeURIComponent(shown.taskId);
    return callApi<AttemptLog>(access, `${path}/log?task=${task}&attempt=${shown.attempt}`);
  }
  return options.chunk === undefined ? null : callApi<AttemptLog>(access, `${path}/log?chunk=${options.chunk - 1}`);
}

const seconds = ({ grantedAt, endedAt }: AttemptView): string =>
  grantedAt === null || endedAt === null
    ? '-'
    : `${((Date.parse(endedAt) - Date.parse(grantedAt)) / 1000).toFixed(1)} s`;

/** `chunk 8`, `audio`, `publish`. */
const taskName = ({ kind, chunkIndex }: AttemptView): string =>
  chunkIndex === null ? kind : `chunk ${chunkIndex + 1}`;

function attemptTable(attempts: readonly AttemptView[]): string {
  if (attempts.length === 0) return 'No attempt yet.\n';
  const rows = attempts.map((attempt) => [
    taskName(attempt),
    attempt.rendition ?? '-',
    String(attempt.attempt),
    attempt.node,
    attempt.state,
    seconds(attempt),
    attempt.error?.code ?? attempt.reason ?? '',
  ]);
  return formatTable(['TASK', 'RENDITION', 'TRY', 'NODE', 'STATE', 'TOOK', 'CODE'], rows);
}

function causeText(job: JobDetail, attempt: AttemptView, error: NonNullable<AttemptView['error']>): string {
  const where = `${taskName(attempt)}${timeRange(job, attempt)}, try ${attempt.attempt} on ${attempt.node}`;
  return `error  ${error.code}  ${where}\ncause  ${error.cause}\nfix    ${error.fix}\n`;
}

/** ` (00:07:00.000-00:08:00.000)` of a chunk. */
function timeRange(job: JobDetail, { chunkIndex, rendition }: AttemptView): string {
  const chunk = job.chunks.find((one) => one.chunkIndex === chunkIndex && one.rendition === rendition);
  if (chunk === undefined || !job.sourceFrames || job.durationSeconds === null) return '';
  const perFrame = job.durationSeconds / job.sourceFrames;
  return ` (${clock(chunk.firstFrame * perFrame)}-${clock(chunk.endFrame * perFrame)})`;
}

const clock = (at: number): string => new Date(at * 1000).toISOString().slice(11, 23);

function logText({ node, note, runs }: AttemptLog): string {
  const head = note === null ? `log    of ${node}\n` : `log    ${note}\n`;
  return [head, ...runs.map((run) => `$ ${commandLine(run)}\n${run.log}${endText(run)}`)].join('\n');
}

function endText({ exitCode, endSignal }: ProgramRun): string {
  if (endSignal !== null) return `ended by ${endSignal}\n`;
  return exitCode === null ? '' : `exit code ${exitCode}\n`;
}

/** To paste into a shell of Linux or macOS. */
const commandLine = ({ program, args }: ProgramRun): string =>
  [program, ...args]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
