import { rm, stat } from 'node:fs/promises';
import { assertSourceUnchanged, isFolder } from '@reelmill/media';
import { FarmError, seamProofSuffix } from '@reelmill/protocol';
import type { PublishedOutput } from '@reelmill/scheduler';
import { partPath } from './assembleTask.ts';
import { completedResult, reopenGuilty } from './evidence.ts';
import { type HouseCall, reopened } from './houseCall.ts';
import { stillsOf } from './manifestShelf.ts';
import { taskIds } from './planTasks.ts';
import { publishFile } from './publishFile.ts';
import { type PublishFolderRequest, publishedBefore, publishFolder } from './publishFolder.ts';
import { type FinishedFile, noteOutput, plannedOutputOf } from './publishTask.ts';
import { writeStillProof } from './writeStillProof.ts';

/** Gives finished pictures their final name, one file or a folder; journals the name before it appears (decision 19). */
export async function publishStills(call: HouseCall): Promise<unknown> {
  const { context, jobId, signal } = call;
  const { manifest } = stillsOf(await context.manifests.load(jobId, call.plan.rendition));
  const { rendition } = manifest;
  const noted = call.job.outputs.find((output) => output.rendition === rendition);
  if (noted?.state === 'published') return { kind: 'publish', path: noted.path };
  call.progress({ phase: 'publish', percent: 0 });
  await assertSourceUnchanged(manifest.source);
  const taskId = taskIds.assemble(jobId, rendition);
  const { report } = completedResult(context.dispatcher.state().tasks.get(taskId), taskId);
  const { frames, sha256, sizeBytes } = report as FinishedFile;
  const there = await Promise.all([partPath(call), ...(noted ? [noted.path] : [])].map(exists));
  if (!there.includes(true)) {
    const error = new FarmError('STORAGE_CORRUPT', { message: 'The finished pictures vanished before their name.' });
    await reopenGuilty(context, [{ taskId, error }]);
    return reopened;
  }
  const file = { rendition, frames, sha256, sizeBytes };
  const note = noteOutput(call, file);
  const request = {
    partPath: partPath(call),
    wantedPath: plannedOutputOf(call.request, manifest.presetId),
    notedPath: noted?.path ?? null,
    companions: [seamProofSuffix],
    note: (name: string) => note(name, 'publishing'),
    signal,
  };
  const path = isFolder(manifest.output)
    ? await publishOnce(request, noted)
    : await publishFile({ ...request, sizeBytes, sha256 });
  await writeStillProof(call, { ...file, path, state: 'published' });
  await note(path, 'published');
  return { kind: 'publish', path };
}

async function publishOnce(request: PublishFolderRequest, noted: PublishedOutput | undefined): Promise<string> {
  const before = await publishedBefore(noted, request.signal);
  if (before === null) return publishFolder(request);
  await rm(request.partPath, { recursive: true, force: true });
  return before.path;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
