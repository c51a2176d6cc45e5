import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type FilmManifest, isFilm, makePackage } from '@reelmill/media';
import { BugError, FarmError, packageOutputId } from '@reelmill/protocol';
import type { PublishedOutput } from '@reelmill/scheduler';
import { unwritable } from '../intake/writableFolder.ts';
import { partPrefix } from './assembleTask.ts';
import { hashFile } from './hashFile.ts';
import type { HouseCall } from './houseCall.ts';
import { syncPath } from './publishFile.ts';
import { type FolderDigest, folderDigest, publishedBefore, publishFolder } from './publishFolder.ts';

/**
 * Makes the package of a job from its published renditions in a hidden folder, and gives that its name once it is
 * whole and proven: nothing stays behind when it fails.
 */
export async function packageTask(call: HouseCall): Promise<unknown> {
  const { context, jobId, request } = call;
  const order = request.package;
  if (order === null) throw new BugError(`${jobId} wants no package`);
  const noted = call.job.outputs.find(({ rendition }) => rendition === packageOutputId);
  if (noted?.state === 'published') return { kind: 'package', path: noted.path };
  const plans = (await context.manifests.all(jobId)).filter((plan) => plan.kind === 'film');
  const { frames } = firstOf(plans).manifest;
  const note = async (path: string, state: PublishedOutput['state'], digest: FolderDigest): Promise<void> => {
    const output = { rendition: packageOutputId, path, state, frames, ...digest };
    const decision = await context.dispatcher.run({ type: 'note-output', jobId, output });
    if (decision.kind === 'rejected') throw new FarmError('CANCELED', { details: { reason: decision.reason } });
  };
  const partPath = join(request.outputFolder, `${partPrefix(jobId)}package.part`);
  const published = await publishedBefore(noted, call.signal);
  if (published !== null) {
    await rm(partPath, { recursive: true, force: true });
    await note(published.path, 'published', published.digest);
    return { kind: 'package', path: published.path };
  }
  try {
    await makeInto(call, partPath, plans.map(({ manifest }) => manifest).filter(isFilm));
    const digest = await folderDigest(partPath, call.signal);
    const path = await publishFolder({
      partPath,
      wantedPath: order.plannedPath,
      notedPath: noted?.path ?? null,
      note: (name) => note(name, 'publishing', digest),
      signal: call.signal,
    });
    await note(path, 'published', digest);
    return { kind: 'package', path };
  } catch (thrown) {
    await rm(partPath, { recursive: true, force: true });
    throw thrown;
  }
}

function firstOf<Item>([first]: readonly Item[]): Item {
  if (first === undefined) throw new BugError('a job without a plan');
  return first;
}

async function makeInto(call: HouseCall, folder: string, manifests: readonly FilmManifest[]): Promise<void> {
  const { context, request, signal } = call;
  if (request.package === null) throw new BugError('no package');
  const renditions = [];
  for (const manifest of manifests) renditions.push({ manifest, path: await unchangedOutput(call, manifest) });
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw unwritable(request.outputFolder, cause);
  });
  const { kind, segmentSeconds } = request.package;
  const onProgress = (percent: number): void => call.progress({ phase: 'package', percent });
  await makePackage({ kind, segmentSeconds, renditions, folder, onProgress }, { tools: context.tools, signal });
  for (const name of await readdir(folder)) await syncPath(join(folder, name));
  await syncPath(folder);
}

/** The published file of a rendition, as it was published. */
async function unchangedOutput({ job, signal, progress }: HouseCall, { rendition }: FilmManifest): Promise<string> {
  const output = job.outputs.find((one) => one.rendition === rendition);
  if (output?.state !== 'published') throw new BugError(`${rendition} is not published`);
  const { path, sha256, sizeBytes: total } = output;
  const onBytes = (done: number): void => progress({ phase: 'verify', bytes: { done, total } });
  const hash = await hashFile(path, { signal, onBytes }).catch((cause: unknown) => {
    throw new FarmError('OUTPUT_CHANGED', { message: `${path} cannot be read.`, cause, details: { path } });
  });
  if (hash.sha256 === sha256) return path;
  throw new FarmError('OUTPUT_CHANGED', { message: `${path} is not as it was published.`, details: { path } });
}
