import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { folderDigest, hashFile, publishFile, publishFolder } from '@reelmill/coordinator';
import { FarmError, type JobDetail, type OutputFiles, type OutputView } from '@reelmill/protocol';
import type { ClientOptions } from '../commands/withServer.ts';
import { callApi, findServer, openDownload, type ServerAccess } from '../farm/farmClient.ts';
import { interruption } from '../farm/interruption.ts';

interface DownloadOptions extends ClientOptions {
  readonly out?: string;
  readonly rendition?: string;
}

interface Target {
  readonly jobId: string;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * `reelmill download JOB`: its outputs, each verified by its hash and named without overwriting. What an interrupted
 * download left is gone on with. Throws NOT_FOUND where nothing is published, OUTPUT_CHANGED where the bytes are others.
 */
export async function download(jobId: string, options: DownloadOptions): Promise<void> {
  const access = await findServer(options);
  const job = await callApi<JobDetail>(access, `/jobs/${encodeURIComponent(jobId)}`);
  const wanted = job.outputs.filter(({ rendition }) => (options.rendition ?? rendition) === rendition);
  if (wanted.length === 0) {
    const message = `Job ${jobId} has published no ${options.rendition ?? 'output'} yet; it is ${job.state}.`;
    throw new FarmError('NOT_FOUND', { message });
  }
  const stop = interruption();
  try {
    const target = { jobId, folder: resolve(options.out ?? '.'), signal: stop.signal };
    await mkdir(target.folder, { recursive: true });
    for (const output of wanted) {
      const path = await downloadOutput(access, output, target);
      const { rendition, sizeBytes, sha256 } = output;
      const line = { type: 'download', jobId, rendition, path, sizeBytes, sha256 };
      process.stdout.write(options.json ? `${JSON.stringify(line)}\n` : `${path}\n`);
    }
  } finally {
    stop.dispose();
  }
}

const addressOf = (jobId: string, rendition: string): string =>
  `/jobs/${encodeURIComponent(jobId)}/outputs/${encodeURIComponent(rendition)}`;

async function downloadOutput(access: ServerAccess, output: OutputView, target: Target): Promise<string> {
  const address = addressOf(target.jobId, output.rendition);
  const first = await openDownload(access, address, { signal: target.signal, headers: { range: 'bytes=0-0' } });
  if (first.headers.get('content-type')?.startsWith('application/json') === true && first.status === 200) {
    return downloadFolder(access, { output, address, files: (await first.json()) as OutputFiles }, target);
  }
  await first.body?.cancel();
  const partPath = join(target.folder, `.reelmill-${target.jobId}-${output.rendition}.part`);
  await fetchRest(access, { address, partPath, ...output }, target.signal);
  const { sizeBytes, sha256 } = await hashFile(partPath, { signal: target.signal });
  if (sizeBytes !== output.sizeBytes || sha256 !== output.sha256) {
    await rm(partPath);
    throw otherBytes(output);
  }
  const wantedPath = join(target.folder, nameOf(output));
  return publishFile({ partPath, sizeBytes, sha256, wantedPath, notedPath: null, note: async () => {}, ...target });
}

interface FolderAnswer {
  readonly output: OutputView;
  readonly address: string;
  readonly files: OutputFiles;
}

/** Pictures: file by file into a folder that gets its name once all of them are there and are what was published. */
async function downloadFolder(access: ServerAccess, answer: FolderAnswer, target: Target): Promise<string> {
  const { output, address, files } = answer;
  const { signal } = target;
  const partPath = join(target.folder, `.reelmill-${target.jobId}-${output.rendition}.part`);
  await mkdir(partPath, { recursive: true });
  for (const { name, sizeBytes } of files.files) {
    const file = {
      address: `${address}/${encodeURIComponent(name)}`,
      partPath: join(partPath, basename(name)),
      sizeBytes,
    };
    await fetchRest(access, file, signal);
  }
  const digest = await folderDigest(partPath, signal);
  if (digest.sha256 !== output.sha256) {
    await rm(partPath, { recursive: true });
    throw otherBytes(output);
  }
  const wantedPath = join(target.folder, nameOf(output));
  return publishFolder({ partPath, wantedPath, notedPath: null, note: async () => {}, signal });
}

interface FileToFetch {
  readonly address: string;
  readonly partPath: string;
  readonly sizeBytes: number;
  /** Of the whole file; absent: its folder is checked as a whole. */
  readonly sha256?: string;
}

/** Connections that break are taken up again where they broke, so often. */
const mostTries = 5;

async function fetchRest(access: ServerAccess, file: FileToFetch, signal: AbortSignal): Promise<void> {
  for (let turn = 1; ; turn += 1) {
    try {
      return await fetchOnce(access, file, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      const isRefusal = thrown instanceof FarmError && thrown.code !== 'SERVER_UNREACHABLE';
      if (isRefusal || turn === mostTries) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** turn));
    }
  }
}

async function fetchOnce(access: ServerAccess, { address, partPath, ...file }: FileToFetch, signal: AbortSignal) {
  const have = (await stat(partPath).catch(() => null))?.size ?? 0;
  if (have === file.sizeBytes && have > 0) return;
  const start = have < file.sizeBytes ? have : 0;
  const condition = file.sha256 === undefined || start === 0 ? {} : { 'if-range': `"${file.sha256}"` };
  const headers = start === 0 ? {} : { range: `bytes=${start}-`, ...condition };
  const answer = await openDownload(access, address, { signal, headers });
  const body = answer.body ?? new Blob([]).stream();
  const flags = answer.status === 206 ? 'a' : 'w';
  await pipeline(Readable.fromWeb(body as never), createWriteStream(partPath, { flags }), { signal });
}

/** The last part of its path, whatever system the coordinator runs on. */
const nameOf = ({ path }: OutputView): string => path.split(/[/\\]/).at(-1) ?? 'output';

const otherBytes = ({ path }: OutputView) =>
  new FarmError('OUTPUT_CHANGED', {
    message: `${path} arrived with other bytes than were published.`,
    details: { path },
  });
