import { basename } from 'node:path';
import { ExtractReport, findPreset, isFolder } from '@reelmill/media';
import { BugError, FarmError, isStillPreset, StillProof, type TaskId } from '@reelmill/protocol';
import type { PublishedOutput } from '@reelmill/scheduler';
import { makeStillProof, type StillFacts } from '../proof/makeStillProof.ts';
import { onlyArtifact } from './assembleTask.ts';
import { completion } from './evidence.ts';
import { hashFile } from './hashFile.ts';
import type { HouseCall } from './houseCall.ts';
import { type ShelvedStills, stillsOf } from './manifestShelf.ts';
import { placeProof } from './placeProof.ts';
import { taskIds } from './planTasks.ts';
import { digestOf, folderFiles } from './publishFolder.ts';

/** Writes the signed certificate next to published pictures; a restart keeps the one an earlier try wrote. */
export const writeStillProof = (call: HouseCall, output: PublishedOutput): Promise<string> =>
  placeProof(call, output, { form: StillProof, make: async () => makeStillProof(await factsOf(call, output)) });

async function factsOf(call: HouseCall, output: PublishedOutput): Promise<StillFacts> {
  const { context, jobId, request } = call;
  const plan = stillsOf(await context.manifests.load(jobId, output.rendition));
  const preset = findPreset(context.presets, plan.manifest.presetId);
  if (!isStillPreset(preset)) throw new BugError(`${preset.id} makes no pictures`);
  const parts = partsOf(call, plan);
  const { result } = proven(call, taskIds.hash(jobId));
  return {
    coordinator: { id: context.coordinatorId, publicKey: context.signingKey.publicKey },
    ...{ jobId, request, preset, output, manifest: plan.manifest },
    sourceSha256: (result.report as { sha256: string }).sha256,
    parts,
    files: await filesOf(call, output, isFolder(plan.manifest.output)),
    chosenFrame: parts[0]?.report.chosenFrame ?? null,
    createdAt: new Date().toISOString(),
  };
}

const proven = (call: HouseCall, taskId: TaskId) =>
  completion(call.context.dispatcher.state().tasks.get(taskId), taskId);

function partsOf(call: HouseCall, { manifest, tasks }: ShelvedStills) {
  return tasks.map((_, index) => {
    const { result, attempt } = proven(call, taskIds.extract(call.jobId, manifest.rendition, index));
    const report = ExtractReport.parse(result.report);
    return { node: result.nodeName, attempt, artifact: onlyArtifact(result.artifacts), report };
  });
}

/** Read from the disk once more: what is certified is what stands there. */
async function filesOf(
  { signal }: HouseCall,
  output: PublishedOutput,
  inFolder: boolean,
): Promise<StillProof['files']> {
  const { path } = output;
  if (!inFolder) return [{ name: basename(path), ...(await hashFile(path, { signal })) }];
  const files = await folderFiles(path, signal);
  if (digestOf(files).sha256 === output.sha256) return files;
  throw new FarmError('OUTPUT_CHANGED', { message: `${path} is not as it was published.`, details: { path } });
}
