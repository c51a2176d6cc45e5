import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AudioReport, assembleRendition, assertSourceUnchanged, verifyRendition } from '@reelmill/media';
import { type Artifact, BugError, FarmError, type JobId, type TaskId, toFarmError } from '@reelmill/protocol';
import { unwritable } from '../intake/writableFolder.ts';
import { audioReports, collectResults, findGuilty, type Guilty, type JobResults, reopenGuilty } from './evidence.ts';
import { hashFile } from './hashFile.ts';
import { type HouseCall, reopened } from './houseCall.ts';
import { filmOf, type ShelvedFilm } from './manifestShelf.ts';
import { syncPath } from './publishFile.ts';

/** Where a job's output grows until it is proven: in the target folder, so that publishing is a link. */
export const partPath = ({ jobId, request, plan }: Pick<HouseCall, 'jobId' | 'request' | 'plan'>): string =>
  join(request.outputFolder, `${partPrefix(jobId)}${plan.rendition}.part`);

/** Begins the names of all hidden files of a job. */
export const partPrefix = (jobId: JobId): string => `.reelmill-${jobId}-`;

interface AssembleReport {
  readonly kind: 'assemble';
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly frames: number;
  readonly warnings: readonly string[];
  readonly maxPtsErrorSeconds: number;
  readonly audioOffsetErrorSeconds: number | null;
}

/** Joins accepted parts into the hidden part file and proves it; nothing stays behind when it fails. */
export async function assembleTask(call: HouseCall): Promise<AssembleReport | typeof reopened> {
  const { context, jobId } = call;
  const plan = filmOf(await context.manifests.load(jobId, call.plan.rendition));
  await assertSourceUnchanged(plan.manifest.source);
  const guilty = findGuilty(context, jobId, plan);
  if (guilty.length > 0) return sendBack(call, guilty);
  const results = collectResults(context, jobId, plan);
  await mkdir(call.request.outputFolder, { recursive: true }).catch((cause: unknown) => {
    throw unwritable(call.request.outputFolder, cause);
  });
  const fetched = await mkdtemp(join(context.scratchFolder, 'join-'));
  try {
    const parts = await localParts(call, { results, folder: fetched });
    if ('guilty' in parts) return await sendBack(call, parts.guilty);
    return await joinAndProve(call, plan, { ...parts, scratchFolder: fetched });
  } catch (thrown) {
    await rm(partPath(call), { force: true });
    throw thrown;
  } finally {
    await rm(fetched, { recursive: true, force: true });
  }
}

export async function sendBack(call: HouseCall, guilty: readonly Guilty[]): Promise<typeof reopened> {
  await reopenGuilty(call.context, guilty);
  return reopened;
}

interface LocalParts {
  readonly segmentPaths: string[];
  readonly audioPaths: string[];
  readonly sounds: readonly AudioReport[];
}

/** Paths of all parts on this disk, each checked against the hash taken at its encode; missing or changed ones are guilty. */
async function localParts(
  call: HouseCall,
  facts: { results: JobResults; folder: string },
): Promise<LocalParts | { guilty: Guilty[] }> {
  const { results, folder } = facts;
  const guilty: Guilty[] = [];
  const localPart = async (taskId: TaskId, artifact: Artifact, name: string): Promise<string> => {
    try {
      return await checkedPath(call, artifact, join(folder, name));
    } catch (thrown) {
      const error = toFarmError(thrown);
      if (error.code !== 'STORAGE_CORRUPT' && error.code !== 'NOT_FOUND') throw error;
      guilty.push({
        taskId,
        error: new FarmError('STORAGE_CORRUPT', { cause: error, details: { key: artifact.key } }),
      });
      return '';
    }
  };
  const segmentPaths: string[] = [];
  for (const [index, { taskId, artifact }] of results.encodes.entries()) {
    call.progress({ phase: 'join', percent: 0 });
    segmentPaths.push(await localPart(taskId, artifact, `${index}`));
  }
  const audioPaths: string[] = [];
  for (const { name, taskId, result } of results.sounds) {
    audioPaths.push(await localPart(taskId, onlyArtifact(result.artifacts), name));
  }
  return guilty.length > 0 ? { guilty } : { segmentPaths, audioPaths, sounds: audioReports(results) };
}

/** Path of an accepted part on this disk, checked against the hash taken when it was made. */
export async function checkedPath(call: HouseCall, artifact: Artifact, downloadPath: string): Promise<string> {
  const { store } = call.context;
  const inPlace = store.localPath(artifact.key);
  if (inPlace === null) {
    await store.getFile(artifact.key, downloadPath, { sha256: artifact.sha256, signal: call.signal });
    return downloadPath;
  }
  const hash = await hashFile(inPlace, { signal: call.signal }).catch((cause: unknown) => {
    if ((cause as { code?: string }).code === 'ENOENT') throw new FarmError('NOT_FOUND', { cause });
    throw cause;
  });
  if (hash.sha256 !== artifact.sha256) throw new FarmError('STORAGE_CORRUPT', { details: { key: artifact.key } });
  return inPlace;
}

export function onlyArtifact(artifacts: readonly Artifact[]): Artifact {
  const [artifact] = artifacts;
  if (artifact === undefined || artifacts.length !== 1)
    throw new BugError(`expected one artifact, got ${artifacts.length}`);
  return artifact;
}

async function joinAndProve(
  call: HouseCall,
  plan: ShelvedFilm,
  parts: LocalParts & { readonly scratchFolder: string },
): Promise<AssembleReport> {
  const { context, signal } = call;
  const { manifest } = plan;
  const outputPath = partPath(call);
  const run = { tools: context.tools, signal };
  await rm(outputPath, { force: true });
  const onJoin = (percent: number): void => call.progress({ phase: 'join', percent });
  const sourcePath = manifest.source.path;
  const joined = await assembleRendition(manifest, { ...parts, sourcePath, outputPath, onProgress: onJoin }, run);
  const onVerify = (percent: number): void => call.progress({ phase: 'verify', percent });
  const proof = await verifyRendition(
    manifest,
    { outputPath, sounds: parts.sounds, sourcePath, onProgress: onVerify },
    run,
  );
  await syncPath(outputPath);
  const hash = await hashFile(outputPath, { signal });
  await assertSourceUnchanged(manifest.source);
  const { frames, maxPtsErrorSeconds, audioOffsetErrorSeconds } = proof;
  const warnings = [...joined.warnings, ...proof.warnings];
  return { kind: 'assemble', ...hash, frames, warnings, maxPtsErrorSeconds, audioOffsetErrorSeconds };
}
