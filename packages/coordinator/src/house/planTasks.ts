import {
  estimateMemoryBytes,
  type FarmSpec,
  isStillPlan,
  type Manifest,
  type OutputPlan,
  type SourcePicture,
  stillTasks,
} from '@reelmill/media';
import { BugError, type JobId, type RenditionId, type SourceReport, TaskId } from '@reelmill/protocol';
import type { TaskPlan } from '@reelmill/scheduler';
import type { JobRequest, PlanSummary, RenditionSummary } from '../jobRecords.ts';
import { encodeDisk, extractDisk, joinDisk, soundDisk } from './diskNeeds.ts';
import type { ShelvedFilm, ShelvedPlan, ShelvedStills } from './manifestShelf.ts';

/** Decoding a byte for its hash costs about this much; only orders house tasks. */
const hashBytesPerSecond = 500e6;

const fourDigits = (index: number): string => String(index).padStart(4, '0');

export const taskIds = {
  probe: (jobId: JobId): TaskId => TaskId.parse(`${jobId}/probe`),
  hash: (jobId: JobId): TaskId => TaskId.parse(`${jobId}/hash`),
  /** The task that encodes a chunk of a rendition: its own, or the one it shares with others. */
  encode: (
    jobId: JobId,
    { rendition, encodedWith }: Pick<Manifest, 'rendition' | 'encodedWith'>,
    index: number,
  ): TaskId => {
    const [first] = encodedWith;
    const task = first === undefined ? `${rendition}/encode` : `${first}/shared`;
    return TaskId.parse(`${jobId}/${task}-${fourDigits(index)}`);
  },
  /** The task that makes the sound of a rendition; `name` as in `soundTracks`: `audio`, `audio-1`, … */
  audio: (jobId: JobId, { rendition, soundFrom }: Pick<Manifest, 'rendition' | 'soundFrom'>, name: string): TaskId =>
    TaskId.parse(`${jobId}/${soundFrom ?? rendition}/${name}`),
  /** The task that makes the pictures of one part of a rendition. */
  extract: (jobId: JobId, rendition: string, index: number): TaskId =>
    TaskId.parse(`${jobId}/${rendition}/extract-${fourDigits(index)}`),
  assemble: (jobId: JobId, rendition: string): TaskId => TaskId.parse(`${jobId}/${rendition}/assemble`),
  join: (jobId: JobId, rendition: string): TaskId => TaskId.parse(`${jobId}/${rendition}/join`),
  publish: (jobId: JobId, rendition: string): TaskId => TaskId.parse(`${jobId}/${rendition}/publish`),
  package: (jobId: JobId): TaskId => TaskId.parse(`${jobId}/package`),
};

interface TaskOrder {
  readonly joinPlace: 'house' | 'farm';
  /** What is decoded; null: there is no picture. */
  readonly picture: SourcePicture | null;
  readonly pins?: JobRequest['pins'];
}

/** The tasks a plan adds to its job; joined beside the coordinator, or on the farm where the store is remote. */
export function planTasks(jobId: JobId, plans: readonly ShelvedPlan[], order: TaskOrder): TaskPlan[] {
  const [first] = plans;
  if (first === undefined) throw new BugError(`${jobId} has no plan`);
  const hash: TaskPlan = {
    ...{ jobId, rendition: null, chunkIndex: null, dependsOn: [] },
    ...({ place: 'house', toolchainClass: null } as const),
    kind: 'hash',
    taskId: taskIds.hash(jobId),
    costSeconds: first.manifest.source.sizeBytes / hashBytesPerSecond,
  };
  const films = plans.filter((plan) => plan.kind === 'film');
  const stills = plans.filter((plan) => plan.kind === 'stills');
  return [
    ...films.flatMap((plan) => encodeTasks(jobId, plan, { films, order })),
    ...films.flatMap((plan) => audioTasks(jobId, plan, order)),
    ...stills.flatMap((plan) => extractTasks(jobId, plan, order)),
    hash,
    ...films.flatMap((plan) => endTasks(jobId, plan, { order, hash })),
    ...stills.flatMap((plan) => stillEndTasks(jobId, plan, hash)),
    ...packageTasks(jobId, films),
  ];
}

/** What most an attempt holds; the same for all chunks of a rendition. */
function memoryOf(spec: FarmSpec | undefined, { picture }: TaskOrder): Pick<TaskPlan, 'memoryBytes'> {
  return spec === undefined ? {} : { memoryBytes: estimateMemoryBytes(spec, picture) };
}

/** A task that makes several renditions is pinned to what all of them ask for. */
function pinOf(renditions: readonly string[], { pins }: TaskOrder): Pick<TaskPlan, 'pin'> {
  const tags = new Set(renditions.flatMap((rendition) => pins?.tags[rendition as RenditionId] ?? []));
  return pins === undefined || tags.size === 0 ? {} : { pin: { tags: [...tags], spill: pins.spill } };
}

const common = (jobId: JobId, { rendition }: OutputPlan) => ({ jobId, rendition, chunkIndex: null, dependsOn: [] });

/** One task per chunk; of renditions that share their decode, the first one has the tasks of all. */
function encodeTasks(
  jobId: JobId,
  { manifest, specs }: ShelvedFilm,
  { films, order }: { readonly films: readonly ShelvedFilm[]; readonly order: TaskOrder },
): TaskPlan[] {
  const { rendition, encodedWith, toolchainClass } = manifest;
  if (encodedWith.length > 0 && encodedWith[0] !== rendition) return [];
  const sharing = films.filter((plan) => encodedWith.includes(plan.manifest.rendition));
  const specAt = (index: number): FarmSpec | undefined => {
    const parts = sharing.flatMap(({ specs: { encode } }) => encode[index]?.spec ?? []);
    return sharing.length === 0 ? specs.encode[index]?.spec : { kind: 'shared-encode', parts };
  };
  const [, ...others] = sharing.map((plan) => plan.manifest);
  const disk = encodeDisk([manifest, ...others]);
  const pin = pinOf(sharing.length === 0 ? [rendition] : encodedWith, order);
  return specs.encode.map((own, index) => ({
    ...common(jobId, manifest),
    ...({ place: 'farm', kind: 'encode' } as const),
    toolchainClass,
    taskId: taskIds.encode(jobId, manifest, index),
    chunkIndex: index,
    ...pin,
    ...memoryOf(specAt(index), order),
    ...disk,
    costSeconds:
      sharing.length === 0
        ? own.costSeconds
        : sharing.reduce((sum, plan) => sum + (plan.specs.encode[index]?.costSeconds ?? 0), 0),
  }));
}

function audioTasks(jobId: JobId, { manifest, specs }: ShelvedFilm, order: TaskOrder): TaskPlan[] {
  if (manifest.soundFrom !== null) return [];
  return specs.audio.map(({ name, spec, costSeconds }) => ({
    ...common(jobId, manifest),
    ...({ place: 'farm', kind: 'audio' } as const),
    toolchainClass: manifest.toolchainClass,
    taskId: taskIds.audio(jobId, manifest, name),
    costSeconds,
    ...memoryOf(spec, order),
    ...soundDisk(manifest),
  }));
}

/** Join and publication of one rendition, which wait for its parts and the hash of the source. */
function endTasks(
  jobId: JobId,
  { manifest, specs }: ShelvedFilm,
  { order, hash }: { order: TaskOrder; hash: TaskPlan },
): TaskPlan[] {
  const { rendition, toolchainClass } = manifest;
  const house = houseTask(jobId, manifest);
  const dependsOn = [
    ...manifest.chunks.map(({ index }) => taskIds.encode(jobId, manifest, index)),
    ...specs.audio.map(({ name }) => taskIds.audio(jobId, manifest, name)),
    hash.taskId,
  ];
  const join: TaskPlan =
    order.joinPlace === 'house'
      ? { ...house, kind: 'assemble', taskId: taskIds.assemble(jobId, rendition), dependsOn }
      : {
          ...house,
          place: 'farm',
          toolchainClass,
          kind: 'join',
          taskId: taskIds.join(jobId, rendition),
          dependsOn,
          ...memoryOf({ kind: 'join', manifest, sounds: [] }, order),
          ...joinDisk(manifest),
        };
  return [join, publishTaskOf(jobId, manifest, join)];
}

const houseTask = (jobId: JobId, manifest: OutputPlan) =>
  ({ ...common(jobId, manifest), place: 'house', toolchainClass: null, costSeconds: 1 }) as const;

const publishTaskOf = (jobId: JobId, manifest: OutputPlan, join: TaskPlan): TaskPlan => ({
  ...houseTask(jobId, manifest),
  kind: 'publish',
  taskId: taskIds.publish(jobId, manifest.rendition),
  dependsOn: [join.taskId],
});

function extractTasks(jobId: JobId, { manifest, tasks }: ShelvedStills, order: TaskOrder): TaskPlan[] {
  return tasks.map(({ spec, costSeconds }, index) => ({
    ...common(jobId, manifest),
    ...({ place: 'farm', kind: 'extract' } as const),
    toolchainClass: manifest.toolchainClass,
    taskId: taskIds.extract(jobId, manifest.rendition, index),
    chunkIndex: index,
    costSeconds,
    ...pinOf([manifest.rendition], order),
    ...memoryOf(spec, order),
    ...extractDisk(manifest),
  }));
}

/** Pictures are only put together: there is nothing to encode, so that it needs no node. */
function stillEndTasks(jobId: JobId, { manifest, tasks }: ShelvedStills, hash: TaskPlan): TaskPlan[] {
  const { rendition } = manifest;
  const assemble: TaskPlan = {
    ...houseTask(jobId, manifest),
    kind: 'assemble',
    taskId: taskIds.assemble(jobId, rendition),
    dependsOn: [...tasks.map((_, index) => taskIds.extract(jobId, rendition, index)), hash.taskId],
  };
  return [assemble, publishTaskOf(jobId, manifest, assemble)];
}

/** A package is made of the published files of all films. */
function packageTasks(jobId: JobId, plans: readonly ShelvedFilm[]): TaskPlan[] {
  if (plans.every(({ manifest }) => manifest.segmentStarts === undefined)) return [];
  const dependsOn = plans.map(({ manifest }) => taskIds.publish(jobId, manifest.rendition));
  const house = { place: 'house', toolchainClass: null, rendition: null, chunkIndex: null, costSeconds: 1 } as const;
  return [{ ...house, jobId, kind: 'package', taskId: taskIds.package(jobId), dependsOn }];
}

/** What the journal keeps of the manifests. */
export function planSummary(
  manifestKey: string,
  planned: readonly { readonly manifest: OutputPlan; readonly report: SourceReport }[],
): PlanSummary {
  const [first] = planned;
  if (first === undefined) throw new BugError('a plan of nothing');
  // sound alone has no frames: a rendition with a picture tells
  const { manifest } = planned.find((one) => sourceFramesOf(one.manifest) > 0) ?? first;
  const { durationSeconds } = manifest;
  const sourceFrames = sourceFramesOf(manifest);
  return { manifestKey, sourceFrames, durationSeconds, renditions: planned.map(renditionSummary) };
}

const sourceFramesOf = (manifest: OutputPlan): number =>
  isStillPlan(manifest) ? manifest.sourceFrames : manifest.frames;

const renditionSummary = ({ manifest, report }: { manifest: OutputPlan; report: SourceReport }): RenditionSummary => ({
  rendition: manifest.rendition,
  plan: manifest.plan,
  wholeReason: manifest.wholeReason,
  warnings: manifest.warnings,
  chunkSeconds: manifest.chunkSeconds,
  toolchainClass: manifest.toolchainClass,
  report,
  ...(isStillPlan(manifest)
    ? { kind: 'stills', threads: 1, hasAudio: false, encodedWith: [], chunkEnds: pictureEnds(stillTasks(manifest)) }
    : {
        kind: 'film',
        threads: manifest.video?.threads ?? 1,
        hasAudio: manifest.audio !== null,
        encodedWith: manifest.encodedWith,
        chunkEnds: manifest.chunks.map((chunk) => chunk.end),
      }),
});

/** Of pictures a chunk is a range of them, not of frames of the source. */
function pictureEnds(tasks: readonly { readonly frames: number }[]): number[] {
  let end = 0;
  return tasks.map(({ frames }) => {
    end += frames;
    return end;
  });
}
