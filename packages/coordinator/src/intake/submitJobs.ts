import { randomBytes } from 'node:crypto';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { findPreset, withSettings } from '@reelmill/media';
import {
  type AnyPreset,
  BugError,
  defaultNameTemplate,
  defaultSequenceSettings,
  type ErrorData,
  FarmError,
  isTimedPreset,
  JobId,
  keepScratchMs,
  presetsOf,
  type QueueRule,
  type SubmitAnswer,
  type SubmitRequest,
  safeName,
  TaskId,
} from '@reelmill/protocol';
import type { SubmittedOrder, TaskPlan } from '@reelmill/scheduler';
import { crashPoint } from '../crashPoints.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { FinishedUpload } from '../farmCorePort.ts';
import type { JobRequest } from '../jobRecords.ts';
import { type Candidate, expandInputs, type UploadedAs } from './expandInputs.ts';
import { submittedOrder } from './jobOrder.ts';
import { type OutputNames, pathsOf } from './outputNames.ts';
import { assertNameTemplate, type FolderFacts, inspectFolders, localTime, settlePaths } from './outputPlaces.ts';
import { packageOrder } from './packageOrder.ts';
import { pinsOf } from './pinsOf.ts';

export interface IntakeOptions {
  readonly dispatcher: Dispatcher;
  readonly presets: readonly AnyPreset[];
  readonly queues: readonly QueueRule[];
  readonly uploads: ReadonlyMap<string, FinishedUpload>;
  /** Where renditions of uploads go unless the request names a folder. */
  readonly uploadOutputsFolder: string;
  readonly names: OutputNames;
  /** Of the one job that the request becomes; default: a new one for each source. */
  readonly jobId?: JobId;
}

/**
 * Turns a request into journaled jobs. Sources and folders that cannot be used become jobs that fail with their code
 * (decision 24); only what is wrong with the request itself is refused: PRESET_UNKNOWN, PRESET_INVALID, QUEUE_UNKNOWN,
 * NO_INPUT, REQUEST_INVALID, NAME_INVALID, URL_UNSUPPORTED, NOT_FOUND.
 */
export async function submitJobs(request: SubmitRequest, options: IntakeOptions): Promise<SubmitAnswer> {
  crashPoint('received', 'before');
  const presets = presetsOf(request).map((id) => findPreset(options.presets, id));
  const set = presets.map((preset) => withSettings(preset, request.settings));
  pinsOf(request);
  const order = submittedOrder(request, options.queues);
  const template = request.name ?? defaultNameTemplate;
  assertNameTemplate(template);
  const packaging = packageOrder(request, set.filter(isTimedPreset));
  const uploads = uploadsOf(request, options.uploads);
  const paths = request.inputs.map((input) =>
    input.kind === 'path' ? absolute(input.path) : (uploads.get(input.uploadId) as FinishedUpload).path,
  );
  if (paths.length === 0) throw new FarmError('NO_INPUT');
  if (request.outputFolder !== null) absolute(request.outputFolder);
  const uploadOfPath = new Map([...uploads.values()].map((upload) => [upload.path, upload]));
  const expanded = await expandInputs(paths, uploadedAs(request, uploads));
  if (options.jobId !== undefined && expanded.candidates.length !== 1) throw new BugError('one job of several sources');
  const targets = expanded.candidates.map((candidate) =>
    targetFolder(candidate, { request, isUpload: uploadOfPath.has(candidate.path), options }),
  );
  const folders = await inspectFolders([...new Set(targets)]);
  // Nothing waits between here and `names.reserve`: two submissions cannot plan the same path.
  const reserved = new Set<string>();
  const at = localTime();
  const jobs = expanded.candidates.map((candidate, index) => {
    const folder = targets[index] as string;
    const facts = folders.get(folder) as FolderFacts;
    const wanted = { presets, naming: { template, counter: index + 1, at }, packaging };
    const title = candidate.sequence?.title ?? candidate.input;
    const settled = settlePaths(title, wanted, { folder, facts, reserved, names: options.names });
    return jobRequest(candidate, { request, settled, folder, refusal: facts.refusal, uploadOfPath });
  });
  crashPoint('received', 'after');
  return { jobs: await journalJobs(jobs, order, options), skipped: [...expanded.skipped] };
}

async function journalJobs(
  jobs: readonly JobRequest[],
  order: SubmittedOrder,
  options: IntakeOptions,
): Promise<SubmitAnswer['jobs']> {
  const release = options.names.reserve(pathsOf(jobs));
  try {
    return await Promise.all(jobs.map((job) => journalJob(job, order, options)));
  } finally {
    release();
  }
}

const address = /^[a-z][a-z0-9+.-]+:\/\//i;

function absolute(path: string): string {
  if (address.test(path)) {
    throw new FarmError('URL_UNSUPPORTED', { message: `${path} cannot be fetched: files come from disks only yet.` });
  }
  if (!isAbsolute(path)) {
    throw new FarmError('REQUEST_INVALID', { message: `Paths must be absolute: ${JSON.stringify(path)}.` });
  }
  return resolve(path);
}

function uploadsOf(request: SubmitRequest, known: ReadonlyMap<string, FinishedUpload>): Map<string, FinishedUpload> {
  const found = new Map<string, FinishedUpload>();
  for (const input of request.inputs) {
    if (input.kind !== 'upload') continue;
    const upload = known.get(input.uploadId);
    if (upload === undefined) throw new FarmError('NOT_FOUND', { message: `There is no upload ${input.uploadId}.` });
    found.set(upload.uploadId, upload);
  }
  return found;
}

function uploadedAs(request: SubmitRequest, uploads: ReadonlyMap<string, FinishedUpload>): Map<string, UploadedAs> {
  const named = request.inputs.flatMap((input): [string, UploadedAs][] => {
    if (input.kind !== 'upload') return [];
    const { path, name } = uploads.get(input.uploadId) as FinishedUpload;
    return [[path, { name, ...(input.subfolder !== undefined && { subfolder: safeSubfolder(input.subfolder) }) }]];
  });
  return new Map(named);
}

/** Never above the folder it is mirrored in. */
const safeSubfolder = (subfolder: string): string =>
  join(...subfolder.split(/[\\/]/).flatMap((part) => (part === '' ? [] : [safeName(part)])));

function targetFolder(
  candidate: Candidate,
  context: { request: SubmitRequest; isUpload: boolean; options: IntakeOptions },
): string {
  if (context.request.outputFolder !== null) return join(resolve(context.request.outputFolder), candidate.subfolder);
  if (!context.isUpload) return dirname(candidate.path);
  return join(context.options.uploadOutputsFolder, candidate.subfolder);
}

function jobRequest(
  candidate: Candidate,
  context: {
    request: SubmitRequest;
    settled: ReturnType<typeof settlePaths>;
    folder: string;
    refusal: ErrorData | null;
    uploadOfPath: ReadonlyMap<string, FinishedUpload>;
  },
): JobRequest {
  return {
    input: candidate.input,
    name: candidate.name,
    sourcePath: candidate.path,
    uploadId: context.uploadOfPath.get(candidate.path)?.uploadId ?? null,
    ...context.settled,
    settings: context.request.settings,
    outputFolder: context.folder,
    chunkSeconds: context.request.chunkSeconds,
    threads: context.request.threads,
    verify: context.request.verify,
    ...pinsOf(context.request),
    ...(context.request.keepScratch && { keepScratchMs: keepScratchMs(context.request.keepScratch) }),
    sequence: sequenceOf(candidate, context.request),
    identity: candidate.identity,
    refusal: candidate.refusal ?? context.refusal,
  };
}

function sequenceOf(candidate: Candidate, { sequence }: SubmitRequest): JobRequest['sequence'] {
  if (candidate.sequence === null) return null;
  const { images, frames, missing } = candidate.sequence;
  return { images, frames, missing, settings: sequence ?? defaultSequenceSettings };
}

/** Journals one job that begins with its probe. */
export async function journalJob(
  request: JobRequest,
  order: SubmittedOrder,
  { dispatcher, jobId = newJobId() }: Pick<IntakeOptions, 'dispatcher' | 'jobId'>,
): Promise<SubmitAnswer['jobs'][number]> {
  await dispatcher.run({ type: 'submit-job', jobId, request, tasks: [probePlan(jobId)], order });
  const [first] = request.renditions;
  return { jobId, input: request.input, plannedOutput: first?.plannedOutput ?? request.outputFolder };
}

const probePlan = (jobId: JobId): TaskPlan => ({
  taskId: TaskId.parse(`${jobId}/probe`),
  jobId,
  kind: 'probe',
  place: 'house',
  dependsOn: [],
  costSeconds: 1,
  toolchainClass: null,
  rendition: null,
  chunkIndex: null,
});

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';
/** 50 random bits: unique also among coordinators that share a bucket. */
const newJobId = (): JobId =>
  JobId.parse(`J-${Array.from(randomBytes(10), (byte) => base32[byte & 31] as string).join('')}`);
