import { mkdir, rm, stat } from 'node:fs/promises';
import { assertSourceUnchanged, JoinReport } from '@reelmill/media';
import { BugError, FarmError, type Sha256, seamProofSuffix } from '@reelmill/protocol';
import type { PublishedOutput } from '@reelmill/scheduler';
import { crashPoint } from '../crashPoints.ts';
import { unwritable } from '../intake/writableFolder.ts';
import type { JobRequest } from '../jobRecords.ts';
import { onlyArtifact, partPath } from './assembleTask.ts';
import { completedResult, reopenGuilty } from './evidence.ts';
import { type HouseCall, reopened } from './houseCall.ts';
import { filmOf } from './manifestShelf.ts';
import { taskIds } from './planTasks.ts';
import { publishFile, syncPath } from './publishFile.ts';
import { writeSeamProof } from './writeSeamProof.ts';

/** The name settled at enqueue. */
export function plannedOutputOf({ renditions }: JobRequest, presetId: string): string {
  const asked = renditions.find(({ preset }) => preset === presetId);
  if (asked === undefined) throw new BugError(`nobody asked for ${presetId}`);
  return asked.plannedOutput;
}

export interface FinishedFile {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly frames: number;
}

/** Gives the proven file its final name; journals the name before the file appears under it (decision 19). */
export async function publishTask(call: HouseCall): Promise<unknown> {
  const { context, jobId, request, signal } = call;
  const { manifest } = filmOf(await context.manifests.load(jobId, call.plan.rendition));
  const { rendition } = manifest;
  const noted = call.job.outputs.find((output) => output.rendition === rendition);
  if (noted?.state === 'published') return { kind: 'publish', path: noted.path };
  call.progress({ phase: 'publish', percent: 0 });
  await assertSourceUnchanged(manifest.source);
  const file = await finishedFile(call, noted);
  if (file === reopened) return reopened;
  const note = noteOutput(call, { rendition, ...file });
  const path = await publishFile({
    partPath: partPath(call),
    sizeBytes: file.sizeBytes,
    sha256: file.sha256,
    wantedPath: plannedOutputOf(request, manifest.presetId),
    notedPath: noted?.path ?? null,
    companions: [seamProofSuffix],
    note: (name) => note(name, 'publishing'),
    signal,
  });
  crashPoint('proof-written', 'before');
  await writeSeamProof(call, { rendition, path, state: 'published', ...file });
  crashPoint('proof-written', 'after');
  await note(path, 'published');
  return { kind: 'publish', path };
}

/** Journals where an output is, and whether it is there already. */
export function noteOutput({ context, jobId }: HouseCall, file: Omit<PublishedOutput, 'path' | 'state'>) {
  return async (path: string, state: PublishedOutput['state']): Promise<void> => {
    const decision = await context.dispatcher.run({ type: 'note-output', jobId, output: { path, state, ...file } });
    if (decision.kind === 'rejected') throw new FarmError('CANCELED', { details: { reason: decision.reason } });
  };
}

/** The file as a part in the target folder: made there by assemble, or brought from the store where the farm joined it. */
async function finishedFile(
  call: HouseCall,
  noted: PublishedOutput | undefined,
): Promise<FinishedFile | typeof reopened> {
  const rendition = call.plan.rendition;
  if (rendition === null) throw new BugError('a publish task without a rendition');
  const { context, jobId } = call;
  const joinTask = context.dispatcher.state().tasks.get(taskIds.join(jobId, rendition));
  if (joinTask !== undefined) return fetchJoined(call, completedResult(joinTask, joinTask.plan.taskId));
  const taskId = taskIds.assemble(jobId, rendition);
  const file = completedResult(context.dispatcher.state().tasks.get(taskId), taskId).report as FinishedFile;
  const { sha256, sizeBytes, frames } = file;
  const part = await stat(partPath(call)).catch(() => null); // absence is the question asked
  if (part?.size === sizeBytes || (part === null && (await isPublished(noted, sizeBytes)))) {
    return { sha256, sizeBytes, frames };
  }
  const error = new FarmError('STORAGE_CORRUPT', { message: 'The finished file vanished before it got its name.' });
  await reopenGuilty(context, [{ taskId, error }]);
  return reopened;
}

const isPublished = async (noted: PublishedOutput | undefined, sizeBytes: number): Promise<boolean> =>
  noted !== undefined && (await stat(noted.path).catch(() => null))?.size === sizeBytes;

async function fetchJoined(
  call: HouseCall,
  result: ReturnType<typeof completedResult>,
): Promise<FinishedFile | typeof reopened> {
  const artifact = onlyArtifact(result.artifacts);
  const { frames } = JoinReport.parse(result.report);
  const path = partPath(call);
  await mkdir(call.request.outputFolder, { recursive: true }).catch((cause: unknown) => {
    throw unwritable(call.request.outputFolder, cause);
  });
  await rm(path, { force: true });
  try {
    const options = { sha256: artifact.sha256, signal: call.signal };
    const got = await call.context.store.getFile(artifact.key, path, options);
    await syncPath(path);
    return { ...got, frames };
  } catch (thrown) {
    await rm(path, { force: true });
    if (!(thrown instanceof FarmError) || (thrown.code !== 'STORAGE_CORRUPT' && thrown.code !== 'NOT_FOUND'))
      throw thrown;
    await reopenGuilty(call.context, [
      { taskId: taskIds.join(call.jobId, call.plan.rendition as string), error: thrown },
    ]);
    return reopened;
  }
}
