import { findPreset, withSettings } from '@reelmill/media';
import { defaultNameTemplate, FarmError, isTimedPreset, type JobId, type JobRequestChange } from '@reelmill/protocol';
import type { Decision, JobRecord } from '@reelmill/scheduler';
import type { CoreParts } from './farmCore.ts';
import type { FarmCore } from './farmCorePort.ts';
import { foldName } from './intake/freeName.ts';
import { orderChange } from './intake/jobOrder.ts';
import { type OutputNames, pathsOf } from './intake/outputNames.ts';
import { assertNameTemplate, inspectFolders, localTime, settlePaths } from './intake/outputPlaces.ts';
import { packageOrder } from './intake/packageOrder.ts';
import { journalJob } from './intake/submitJobs.ts';
import type { JobRequest } from './jobRecords.ts';

type JobDesk = Pick<FarmCore, 'cancel' | 'retry' | 'remove' | 'discard' | 'restore' | 'order' | 'change' | 'duplicate'>;

/** What people do with jobs that are there. */
export function createJobDesk(parts: CoreParts, names: OutputNames): JobDesk {
  const { context, sweeper } = parts;
  const { dispatcher, queues } = context;
  return {
    async cancel(jobId) {
      accept(await dispatcher.run({ type: 'cancel-job', jobId }), jobId);
    },
    async retry(jobId) {
      await sweeper.idle();
      accept(await dispatcher.run({ type: 'retry-job', jobId }), jobId);
    },
    remove: (jobId) => removeJob(parts, jobId),
    async discard(jobId) {
      accept(await dispatcher.run({ type: 'discard-job', jobId }), jobId);
    },
    async restore(jobId) {
      await sweeper.idle();
      accept(await dispatcher.run({ type: 'restore-job', jobId }), jobId);
    },
    async order(jobId, change) {
      accept(await dispatcher.run({ type: 'order-job', jobId, change: orderChange(change, queues) }), jobId);
    },
    change: (jobId, change) => changeRequest(parts, { jobId, change, names }),
    duplicate: (jobId) => duplicate(parts, { jobId, names }),
  };
}

/** For good, with everything that was kept for it; a job under way is canceled first. */
export async function removeJob({ context: { dispatcher }, sweeper }: CoreParts, jobId: JobId): Promise<void> {
  const job = dispatcher.state().jobs.get(jobId);
  if (job === undefined) throw unknownJob(jobId);
  if (job.phase.kind === 'active') await dispatcher.run({ type: 'cancel-job', jobId });
  sweeper.noteRemoval(jobId, job.request as JobRequest);
  accept(await dispatcher.run({ type: 'remove-job', jobId }), jobId);
}

/** The same for a job that was discarded, unless it was brought back meanwhile. */
export async function removeIfDiscarded({ context: { dispatcher }, sweeper }: CoreParts, jobId: JobId): Promise<void> {
  const job = dispatcher.state().jobs.get(jobId);
  if (job?.discarded === undefined) return;
  sweeper.noteRemoval(jobId, job.request as JobRequest);
  await dispatcher.run({ type: 'remove-job', jobId, onlyDiscarded: true });
}

interface Settling {
  readonly jobId: JobId;
  readonly names: OutputNames;
}

/** The same request with other renditions or names, settled anew: nothing waits between names and their reservation. */
async function settled(
  { context }: CoreParts,
  {
    request,
    names,
    change,
    isOwn,
  }: { request: JobRequest; change: JobRequestChange; isOwn: boolean } & Pick<Settling, 'names'>,
): Promise<JobRequest> {
  const ids = change.preset === undefined ? request.renditions.map(({ preset }) => preset) : [change.preset].flat();
  const presets = [...new Set(ids)].map((id) => findPreset(context.presets, id));
  const set = presets.map((preset) => withSettings(preset, request.settings));
  if (request.package) packageOrder({ package: request.package.kind } as never, set.filter(isTimedPreset));
  const naming = request.naming ?? { template: defaultNameTemplate, counter: 1, at: localTime() };
  const template = change.outputName ?? naming.template;
  assertNameTemplate(template);
  const folder = request.outputFolder;
  const facts = (await inspectFolders([folder])).get(folder) ?? { names: new Set(), refusal: null };
  const own = new Set(isOwn ? pathsOf([request]).map(foldName) : []);
  const { naming: _, ...rest } = request;
  const title = request.sequence === null ? request.input : sequenceTitle(request);
  const wanted = { presets, naming: { ...naming, template }, packaging: request.package };
  return { ...rest, ...settlePaths(title, wanted, { folder, facts, reserved: new Set(), names, own }) };
}

/** `shot_[0001-0100].png` is named after `shot`. */
const sequenceTitle = ({ input }: JobRequest): string => `${input.replace(/[\s._-]*\[[^\]]*\]\.\w+$/, '')}.sequence`;

/** Journaled before it answers. Throws JOB_BEGUN once a chunk was given out, PRESET_UNKNOWN, NAME_INVALID. */
async function changeRequest(
  parts: CoreParts,
  { jobId, change, names }: Settling & { change: JobRequestChange },
): Promise<void> {
  const { dispatcher } = parts.context;
  const job = jobOf(parts, jobId);
  if (job.phase.kind !== 'active') throw new FarmError('JOB_STATE', { details: { jobId } });
  if (dispatcher.state().index.work.get(jobId)?.begun) throw new FarmError('JOB_BEGUN', { details: { jobId } });
  const request = await settled(parts, { request: job.request as JobRequest, names, change, isOwn: true });
  const release = names.reserve(pathsOf([request]));
  try {
    const replan = change.preset !== undefined;
    accept(await dispatcher.run({ type: 'change-request', jobId, request, replan }), jobId);
  } finally {
    release();
  }
}

/** The same once more, right behind it, under names of its own. */
async function duplicate(parts: CoreParts, { jobId, names }: Settling): ReturnType<JobDesk['duplicate']> {
  const { dispatcher } = parts.context;
  const job = jobOf(parts, jobId);
  const request = await settled(parts, { request: job.request as JobRequest, names, change: {}, isOwn: false });
  const release = names.reserve(pathsOf([request]));
  try {
    const { priority, queue, submitter, deadlineIso, held } = job.order;
    const order = { priority, queue, submitter, deadlineIso, held: held && job.phase.kind === 'active' };
    const added = await journalJob(request, order, { dispatcher });
    await dispatcher.run({ type: 'order-job', jobId: added.jobId, change: { position: { after: jobId } } });
    return { jobs: [added], skipped: [] };
  } finally {
    release();
  }
}

function jobOf({ context }: CoreParts, jobId: JobId): JobRecord {
  const job = context.dispatcher.state().jobs.get(jobId);
  if (job === undefined || job.discarded !== undefined) throw unknownJob(jobId);
  return job;
}

const unknownJob = (jobId: JobId): FarmError => new FarmError('NOT_FOUND', { message: `There is no job ${jobId}.` });

/** Throws what a rejected command means to whoever gave it. */
export function accept(decision: Decision, jobId: JobId | null): void {
  if (decision.kind === 'accepted') return;
  if (decision.reason === 'unknown-job' && jobId !== null) throw unknownJob(jobId);
  const details = { jobId, reason: decision.reason };
  if (decision.reason === 'begun') throw new FarmError('JOB_BEGUN', { details });
  const message = 'A job is moved next to another one of its own priority.';
  throw new FarmError('JOB_STATE', { details, ...(decision.reason === 'order' && { message }) });
}
