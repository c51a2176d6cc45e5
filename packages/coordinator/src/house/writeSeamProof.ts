import { findPreset, JoinReport } from '@reelmill/media';
import { isTimedPreset, SeamProof, type TaskId } from '@reelmill/protocol';
import type { PublishedOutput } from '@reelmill/scheduler';
import { makeProof } from '../proof/makeProof.ts';
import { onlyArtifact } from './assembleTask.ts';
import { completedResult, completion, encodedChunks } from './evidence.ts';
import type { HouseCall } from './houseCall.ts';
import { filmOf } from './manifestShelf.ts';
import { placeProof } from './placeProof.ts';
import { taskIds } from './planTasks.ts';

/** Writes the signed certificate next to a published output; a restart keeps the one an earlier try wrote. */
export const writeSeamProof = (call: HouseCall, output: PublishedOutput): Promise<string> =>
  placeProof(call, output, { form: SeamProof, make: async () => makeProof(await factsOf(call, output)) });

async function factsOf(call: HouseCall, output: PublishedOutput): Promise<Parameters<typeof makeProof>[0]> {
  const { context, jobId, request } = call;
  const { manifest, specs } = filmOf(await context.manifests.load(jobId, output.rendition));
  const { rendition } = manifest;
  const hash = proven(call, taskIds.hash(jobId)).result.report as { sha256: string };
  return {
    coordinator: { id: context.coordinatorId, publicKey: context.signingKey.publicKey },
    jobId,
    request,
    preset: findPreset(context.presets.filter(isTimedPreset), manifest.presetId),
    ladder: request.renditions.map(({ preset }) => findPreset(context.presets, preset)).filter(isTimedPreset),
    manifest,
    sourceSha256: hash.sha256,
    encodes: encodedChunks(context, jobId, manifest),
    audio: specs.audio.map(({ name }) => {
      const { result, attempt } = proven(call, taskIds.audio(jobId, manifest, name));
      return { result, attempt, artifact: onlyArtifact(result.artifacts) };
    }),
    output,
    checks: joinChecks(call, rendition),
    createdAt: new Date().toISOString(),
  };
}

const proven = (call: HouseCall, taskId: TaskId) =>
  completion(call.context.dispatcher.state().tasks.get(taskId), taskId);

/** What the join proved about the whole file, whether it ran beside the coordinator or on the farm. */
function joinChecks(call: HouseCall, rendition: Parameters<typeof taskIds.join>[1]) {
  const { tasks } = call.context.dispatcher.state();
  const joinId = taskIds.join(call.jobId, rendition);
  const taskId = tasks.has(joinId) ? joinId : taskIds.assemble(call.jobId, rendition);
  const checks = JoinReport.pick({ maxPtsErrorSeconds: true, audioOffsetErrorSeconds: true });
  return checks.parse(completedResult(tasks.get(taskId), taskId).report);
}
