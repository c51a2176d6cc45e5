import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assertSourceUnchanged, type FinishedStills, finishStills, stillFrames } from '@reelmill/media';
import { FarmError, type Sha256, toFarmError } from '@reelmill/protocol';
import { objectKeys } from '@reelmill/storage';
import { mapLimited } from '../intake/mapLimited.ts';
import { unwritable } from '../intake/writableFolder.ts';
import { checkedPath, onlyArtifact, partPath, sendBack } from './assembleTask.ts';
import { completedResult, type Guilty, guiltyOfWrongSource } from './evidence.ts';
import type { HouseCall, reopened } from './houseCall.ts';
import { type ShelvedStills, stillsOf } from './manifestShelf.ts';
import { taskIds } from './planTasks.ts';
import { syncPath } from './publishFile.ts';

interface StillAssembly {
  readonly kind: 'assemble';
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly frames: number;
}

/** Store writes at once: each waits for its disk. */
const writesAtOnce = 8;

/** Puts accepted pictures into the hidden part, a file or a folder; nothing stays behind when it fails. */
export async function assembleStills(call: HouseCall): Promise<StillAssembly | typeof reopened> {
  const { context, jobId, request } = call;
  const plan = stillsOf(await context.manifests.load(jobId, call.plan.rendition));
  await assertSourceUnchanged(plan.manifest.source);
  const parts = extractedParts(call, plan);
  const guilty = guiltyOfWrongSource(parts, sourceHash(call));
  if (guilty.length > 0) return sendBack(call, guilty);
  await mkdir(request.outputFolder, { recursive: true }).catch((cause: unknown) => {
    throw unwritable(request.outputFolder, cause);
  });
  const fetched = await mkdtemp(join(context.scratchFolder, 'join-'));
  try {
    const local = await localPaths(call, parts, fetched);
    if ('guilty' in local) return await sendBack(call, local.guilty);
    return await assemble(call, plan, local.paths);
  } catch (thrown) {
    await rm(partPath(call), { recursive: true, force: true });
    throw thrown;
  } finally {
    await rm(fetched, { recursive: true, force: true });
  }
}

type Parts = ReturnType<typeof extractedParts>;

function extractedParts({ context, jobId }: HouseCall, { manifest, tasks }: ShelvedStills) {
  return tasks.map((_, index) => {
    const taskId = taskIds.extract(jobId, manifest.rendition, index);
    return { taskId, result: completedResult(context.dispatcher.state().tasks.get(taskId), taskId) };
  });
}

function sourceHash({ context, jobId }: HouseCall): Sha256 {
  const taskId = taskIds.hash(jobId);
  const { report } = completedResult(context.dispatcher.state().tasks.get(taskId), taskId);
  return (report as { sha256: Sha256 }).sha256;
}

async function localPaths(
  call: HouseCall,
  parts: Parts,
  folder: string,
): Promise<{ paths: string[] } | { guilty: Guilty[] }> {
  const paths: string[] = [];
  const guilty: Guilty[] = [];
  for (const [at, { taskId, result }] of parts.entries()) {
    call.progress({ phase: 'join', percent: (50 * at) / parts.length });
    const artifact = onlyArtifact(result.artifacts);
    try {
      paths.push(await checkedPath(call, artifact, join(folder, `${at}`)));
    } catch (thrown) {
      const error = toFarmError(thrown);
      if (error.code !== 'STORAGE_CORRUPT' && error.code !== 'NOT_FOUND') throw error;
      const details = { key: artifact.key };
      guilty.push({ taskId, error: new FarmError('STORAGE_CORRUPT', { cause: error, details }) });
    }
  }
  return guilty.length > 0 ? { guilty } : { paths };
}

async function assemble(call: HouseCall, { manifest }: ShelvedStills, partPaths: string[]): Promise<StillAssembly> {
  const outputPath = partPath(call);
  const finished = await finishStills(manifest, { partPaths, outputPath, signal: call.signal });
  if (manifest.output.form === 'frames') await storeFrames(call, finished);
  await syncPath(outputPath);
  await assertSourceUnchanged(manifest.source);
  const { sha256, sizeBytes } = finished;
  return { kind: 'assemble', sha256, sizeBytes, frames: stillFrames(manifest) };
}

/** Extracted frames are also objects of the job, for whoever works on with them. */
async function storeFrames(call: HouseCall, { files }: FinishedStills): Promise<void> {
  const { context, jobId, plan, signal } = call;
  const { rendition } = plan;
  if (rendition === null) return;
  let stored = 0;
  await mapLimited(files, writesAtOnce, async ({ name }) => {
    await context.store.putFile(objectKeys.frame(jobId, rendition, name), join(partPath(call), name), { signal });
    stored += 1;
    call.progress({ phase: 'join', percent: 50 + (50 * stored) / files.length });
  });
}
