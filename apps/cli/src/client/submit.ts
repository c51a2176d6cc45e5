import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import {
  FarmError,
  type FrameRate,
  type GapPolicy,
  type JobPriority,
  type PackageKind,
  type SubmitAnswer,
  type SubmitRequest,
  UploadAnswer,
} from '@reelmill/protocol';
import { packageOptions, requireInputs, sequenceOptions, type VerifyDepth } from '../commands/options.ts';
import type { ClientOptions } from '../commands/withServer.ts';
import { callApi, findServer, type ServerAccess } from '../farm/farmClient.ts';

export interface SubmitOptions extends ClientOptions {
  readonly preset: readonly string[];
  readonly out?: string;
  readonly name?: string;
  readonly set: Record<string, string>;
  readonly threads?: number;
  readonly chunkSeconds?: number;
  readonly verify: VerifyDepth;
  readonly upload?: boolean;
  readonly fps?: FrameRate;
  readonly gaps?: GapPolicy;
  readonly package?: PackageKind;
  readonly segmentSeconds?: number;
  readonly priority?: JobPriority;
  readonly queue?: string;
  readonly submitter?: string;
  readonly deadline?: string;
  readonly hold?: boolean;
  readonly on?: SubmitRequest['on'];
  readonly spill?: SubmitRequest['spill'];
  readonly keepScratch?: SubmitRequest['keepScratch'];
}

/** Adds inputs to a running coordinator: by path on this machine, by upload elsewhere. Prints one line per job. */
export async function submit(inputs: readonly string[], options: SubmitOptions): Promise<void> {
  requireInputs(inputs);
  const access = await findServer(options);
  const byUpload = options.upload ?? !isLoopback(access.url);
  const request: SubmitRequest = {
    inputs: await Promise.all(inputs.map((input) => (byUpload ? uploadInput(access, input) : pathInput(input)))),
    preset: [...options.preset],
    name: options.name,
    settings: options.set,
    outputFolder: options.out === undefined ? null : byUpload ? options.out : resolve(options.out),
    chunkSeconds: options.chunkSeconds ?? null,
    threads: options.threads ?? null,
    verify: options.verify,
    ...sequenceOptions(options),
    ...packageOptions(options),
    ...orderOf(options),
    on: options.on,
    spill: options.spill,
    keepScratch: options.keepScratch,
  };
  const answer = await callApi<SubmitAnswer>(access, '/jobs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  for (const job of answer.jobs) {
    const line = options.json
      ? JSON.stringify({ type: 'submitted', ...job })
      : `${job.jobId}  ${job.input} -> ${job.plannedOutput}`;
    process.stdout.write(`${line}\n`);
  }
  if (answer.skipped.length > 0) process.stderr.write(`${answer.skipped.length} skipped: no media\n`);
}

const orderOf = ({ priority, queue, submitter, deadline, hold }: SubmitOptions) => ({
  priority,
  queue,
  submitter,
  deadline,
  hold,
});

const isLoopback = (url: string): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);

const pathInput = async (input: string): Promise<SubmitRequest['inputs'][number]> => ({
  kind: 'path',
  path: resolve(input),
});

async function uploadInput(access: ServerAccess, input: string): Promise<SubmitRequest['inputs'][number]> {
  const path = resolve(input);
  const facts = await stat(path).catch((cause) => {
    throw new FarmError('SOURCE_NOT_FOUND', { message: `${path} does not exist.`, cause });
  });
  if (!facts.isFile()) throw new FarmError('USAGE', { message: `${path} is a folder; only files can be uploaded.` });
  const answer = await callApi(access, `/uploads/${encodeURIComponent(basename(path))}`, {
    method: 'PUT',
    headers: { 'content-length': String(facts.size), 'content-type': 'application/octet-stream' },
    body: createReadStream(path) as unknown as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  return { kind: 'upload', uploadId: UploadAnswer.parse(answer).uploadId };
}
