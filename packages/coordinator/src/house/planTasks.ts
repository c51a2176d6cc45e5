import type { Manifest } from '@reelmill/media';
import { type JobId, type SourceReport, TaskId } from '@reelmill/protocol';
import type { TaskPlan } from '@reelmill/scheduler';
import type { PlanSummary } from '../jobRecords.ts';
import type { ShelvedPlan } from './manifestShelf.ts';

/** Decoding a byte for its hash costs about this much; only orders house tasks. */
const hashBytesPerSecond = 500e6;

export const taskIds = {
  probe: (jobId: JobId): TaskId => TaskId.parse(`${jobId}/probe`),
  hash: (jobId: JobId): TaskId => TaskId.parse(`${jobId}/hash`),
  encode: (jobId: JobId, rendition: string, index: number): TaskId =>
    TaskId.parse(`${jobId}/${rendition}/encode-${String(index).padStart(4, '0')}`),
  /** `name` as in `soundTracks`: `audio`, `audio-1`, … */
  audio: (jobId: JobId, rendition: string, name: string): TaskId => TaskId.parse(`${jobId}/${rendition}/${name}`),
  assemble: (jobId: JobId, rendition: string): TaskId => TaskId.parse(`${jobId}/${rendition}/assemble`),
  join: (jobId: JobId, rendition: string): TaskId => TaskId.parse(`${jobId}/${rendition}/join`),
  publish: (jobId: JobId, rendition: string): TaskId => TaskId.parse(`${jobId}/${rendition}/publish`),
};

/** The tasks a plan adds to its job; joined beside the coordinator, or on the farm where the store is remote. */
export function planTasks(jobId: JobId, plan: ShelvedPlan, joinPlace: 'house' | 'farm'): TaskPlan[] {
  const { manifest, specs } = plan;
  const { rendition, toolchainClass } = manifest;
  const base = { jobId, rendition, chunkIndex: null, dependsOn: [] };
  const house = { ...base, place: 'house', toolchainClass: null } as const;
  const farm = { ...base, place: 'farm', toolchainClass } as const;
  const encodes: TaskPlan[] = specs.encode.map(({ costSeconds }, index) => ({
    ...farm,
    kind: 'encode',
    taskId: taskIds.encode(jobId, rendition, index),
    chunkIndex: index,
    costSeconds,
  }));
  const audio: TaskPlan[] = specs.audio.map(({ name, costSeconds }) => ({
    ...farm,
    kind: 'audio',
    taskId: taskIds.audio(jobId, rendition, name),
    costSeconds,
  }));
  const hashCost = manifest.source.sizeBytes / hashBytesPerSecond;
  const hash: TaskPlan = {
    ...house,
    kind: 'hash',
    rendition: null,
    taskId: taskIds.hash(jobId),
    costSeconds: hashCost,
  };
  const parts = [...encodes, ...audio, hash];
  const dependsOn = parts.map((task) => task.taskId);
  const join: TaskPlan =
    joinPlace === 'house'
      ? { ...house, kind: 'assemble', taskId: taskIds.assemble(jobId, rendition), dependsOn, costSeconds: 1 }
      : { ...farm, kind: 'join', taskId: taskIds.join(jobId, rendition), dependsOn, costSeconds: 1 };
  const publish: TaskPlan = {
    ...house,
    kind: 'publish',
    taskId: taskIds.publish(jobId, rendition),
    dependsOn: [join.taskId],
    costSeconds: 1,
  };
  return [...parts, join, publish];
}

/** What the journal keeps of a manifest. */
export const planSummary = (manifestKey: string, manifest: Manifest, report: SourceReport): PlanSummary => ({
  manifestKey,
  rendition: manifest.rendition,
  plan: manifest.plan,
  wholeReason: manifest.wholeReason,
  warnings: manifest.warnings,
  sourceFrames: manifest.frames,
  durationSeconds: manifest.durationSeconds,
  threads: manifest.video.threads,
  chunkSeconds: manifest.chunkSeconds,
  toolchainClass: manifest.toolchainClass,
  hasAudio: manifest.audio !== null,
  report,
  chunkEnds: manifest.chunks.map((chunk) => chunk.end),
});
