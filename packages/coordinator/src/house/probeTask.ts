import { checkSource, findPreset, planRendition, readSource } from '@reelmill/media';
import { FarmError } from '@reelmill/protocol';
import { objectKeys } from '@reelmill/storage';
import { assertWritableFolder } from '../intake/writableFolder.ts';
import type { HouseCall } from './houseCall.ts';
import { planSummary, planTasks } from './planTasks.ts';
import { assertSpace } from './spaceCheck.ts';
import { wrappedSource } from './wrappedSource.ts';

/**
 * Probe, index, plan: afterwards the job has its manifest in the store and its tasks in the journal. Checks of the
 * intake run again: a retry finds what was repaired meanwhile.
 */
export async function probeTask(call: HouseCall): Promise<unknown> {
  const { context, jobId, request, signal } = call;
  if (call.job.plan !== null) return { kind: 'probe', again: true };
  if (request.refusal?.code === 'NO_MEDIA_FOUND') throw FarmError.fromData(request.refusal);
  call.progress({ phase: 'probe' });
  const { path: sourcePath, notes } = await wrappedSource(call);
  const identity = await checkSource(sourcePath);
  await assertWritableFolder(request.outputFolder);
  const onBytes = (done: number, total: number): void => call.progress({ phase: 'index', bytes: { done, total } });
  const { info, index } = await readSource(sourcePath, { tools: context.tools, signal, onBytes });
  const planned = planRendition({
    info,
    index,
    identity,
    preset: findPreset(context.presets, request.preset),
    settings: request.settings,
    chunkSeconds: request.chunkSeconds,
    threads: request.threads,
    toolchainClass: chooseToolchainClass(call),
    verify: request.verify,
  });
  const manifest = { ...planned, warnings: [...notes, ...planned.warnings] };
  await assertSpace(manifest, {
    outputFolder: request.outputFolder,
    store: context.store,
    scratchFolder: context.scratchFolder,
  });
  // Of an earlier plan of this job, when there was one.
  await context.store.removePrefix(objectKeys.renditionPrefix(jobId, manifest.rendition), { signal });
  const plan = await context.manifests.save(jobId, { probe: info, manifest });
  const joinPlace = context.store.kind === 's3' ? 'farm' : 'house';
  await context.dispatcher.run({
    type: 'plan-job',
    jobId,
    plan: planSummary(objectKeys.sourceManifest(jobId), manifest),
    tasks: planTasks(jobId, plan, joinPlace),
  });
  return { kind: 'probe', frames: manifest.frames };
}

/**
 * One class per rendition (chunks of different builds do not fit together): our own where a node has it, else the one
 * with the most slots, else our own again, for nodes that are still to come.
 */
function chooseToolchainClass({ context }: HouseCall): string {
  const own = context.tools.toolchain.classId;
  const slots = new Map<string, number>();
  for (const node of context.dispatcher.state().nodes.values()) {
    slots.set(node.toolchainClass, (slots.get(node.toolchainClass) ?? 0) + node.slots);
  }
  if (slots.has(own) || slots.size === 0) return own;
  return [...slots].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}
