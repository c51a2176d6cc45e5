import {
  assertFilters,
  checkSource,
  findPreset,
  planOutputs,
  readSourceFor,
  reportOf,
  withSettings,
} from '@reelmill/media';
import { FarmError, type SourceIdentity } from '@reelmill/protocol';
import { returningBytes } from '@reelmill/scheduler';
import { objectKeys } from '@reelmill/storage';
import { toolchainClassesFor } from '../farm/placement.ts';
import { assertWritableFolder } from '../intake/writableFolder.ts';
import type { HouseCall } from './houseCall.ts';
import { planSummary, planTasks } from './planTasks.ts';
import { assertSpace, spaceNeeds } from './spaceCheck.ts';
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
  const { source, planned } = await readAndPlan(call, sourcePath, identity);
  const manifests = planned.map((plan) => ({ ...plan, warnings: [...notes, ...plan.warnings] }));
  const needs = await spaceNeeds(manifests, { ...context, outputFolder: request.outputFolder });
  const returning = (volume: string): number => returningBytes(context.dispatcher.state(), volume);
  await assertSpace(needs, context.waitsForSpace ? returning : undefined);
  // Of an earlier plan of this job, when there was one.
  for (const { rendition } of manifests) {
    await context.store.removePrefix(objectKeys.renditionPrefix(jobId, rendition), { signal });
    await context.store.removePrefix(objectKeys.framesPrefix(jobId, rendition), { signal });
  }
  const plans = await context.manifests.save(jobId, { probe: source.info, manifests });
  const reported = manifests.map((manifest) => {
    const { rendition: preset, toolchainClass } = manifest;
    return { manifest, report: reportOf(source, manifest, { path: request.input, preset, toolchainClass }) };
  });
  const joinPlace = context.store.kind === 's3' ? 'farm' : 'house';
  await context.dispatcher.run({
    type: 'plan-job',
    jobId,
    plan: planSummary(objectKeys.sourceManifest(jobId), reported),
    tasks: planTasks(jobId, plans, {
      joinPlace,
      picture: source.kind === 'film' ? source.info.video : null,
      pins: request.pins,
    }),
    request,
    ...(context.waitsForSpace && { space: needs.map(({ where: _, ...need }) => need) }),
  });
  return { kind: 'probe', renditions: manifests.length };
}

async function readAndPlan(call: HouseCall, sourcePath: string, identity: SourceIdentity) {
  const { context, request, signal } = call;
  const presets = request.renditions.map(({ preset }) => findPreset(context.presets, preset));
  // asked before anything is read: a farm without the hardware says so at once
  const set = presets.map((preset) => withSettings(preset, request.settings));
  const classes = await toolchainClassesFor(set, context, signal);
  const onBytes = (done: number, total: number): void => call.progress({ phase: 'index', bytes: { done, total } });
  const source = await readSourceFor(presets, sourcePath, { tools: context.tools, signal, onBytes });
  const planned = planOutputs(source, {
    identity,
    presets,
    settings: request.settings,
    chunkSeconds: request.chunkSeconds,
    threads: request.threads,
    ...classes,
    verify: request.verify,
    segmentSeconds: request.package?.segmentSeconds ?? null,
  });
  for (const plan of planned) assertFilters(plan, context.tools.toolchain);
  return { source, planned };
}
