import { FarmError, type FilmPreset } from '@reelmill/protocol';
import { soundTracks } from '../audio/soundTracks.ts';
import type { FilmManifest } from '../manifest.ts';
import { applySettings } from '../presets/applySettings.ts';
import { decideVideo } from './decideVideo.ts';
import { decodeCostSeconds, encodeCostSeconds, encoderCostSeconds } from './encodeCost.ts';
import { type PlanInput, planRendition } from './planRendition.ts';

/** Toolchain classes of the renditions of one job. */
export interface PlanClasses {
  /** Of all that are encoded by software. */
  readonly toolchainClass: string;
  /** Of presets that ask for hardware, by their id. */
  readonly hardwareClasses?: ReadonlyMap<string, string>;
}

export interface LadderInput extends Omit<PlanInput, 'preset' | 'costSeconds' | 'toolchainClass'>, PlanClasses {
  /** In the order of the request; ids differ. */
  readonly presets: readonly FilmPreset[];
}

/**
 * Plans all renditions of a job, cut at the same frames, so that one decode can serve several of them. Pure.
 * A rung that would only repeat a smaller one, because the source is not larger, is left out with a warning.
 * @returns at least one plan, in the order of the presets.
 * @throws FarmError as `planRendition`
 */
export function planLadder({ presets, ...input }: LadderInput): FilmManifest[] {
  if (presets.length === 1) return presets.map((preset) => planRendition({ ...own(preset, input), preset }));
  const { kept, warnings } = withoutRepeats(presets, input);
  const costSeconds = kept.reduce((sum, preset) => sum + costOf(preset, input), 0);
  const plans = kept.map((preset) => planRendition({ ...own(preset, input), preset, costSeconds }));
  if (input.segmentSeconds) assertSameTimes(plans);
  return withSharedSound(withSharedDecode(plans, input)).map((plan, at) =>
    at === 0 ? { ...plan, warnings: [...plan.warnings, ...warnings] } : plan,
  );
}

/** The input of one rendition. */
const own = <Input extends PlanClasses>({ id }: Pick<FilmPreset, 'id'>, input: Input) => ({
  ...input,
  toolchainClass: input.hardwareClasses?.get(id) ?? input.toolchainClass,
});

/**
 * Players switch between renditions of a package at segment edges: all must have the same frames at the same times.
 * @throws FarmError PRESET_UNSUITABLE
 */
function assertSameTimes(plans: readonly FilmManifest[]): void {
  const timesKey = ({ frames, timeBase, segmentStarts }: FilmManifest) =>
    JSON.stringify([frames, timeBase, segmentStarts]);
  const [first] = plans;
  const other = plans.find((plan) => first !== undefined && timesKey(plan) !== timesKey(first));
  if (first === undefined || other === undefined) return;
  throw new FarmError('PRESET_UNSUITABLE', {
    message: `${first.presetId} and ${other.presetId} cannot share a package: their frame rates differ.`,
    details: { presets: [first.presetId, other.presetId] },
  });
}

function pictureOf(preset: FilmPreset, input: Omit<LadderInput, 'presets'>) {
  const set = applySettings(preset, input.settings);
  return decideVideo(set, own(set, input)).video;
}

function costOf(preset: FilmPreset, input: Omit<LadderInput, 'presets'>): number {
  return encodeCostSeconds({ info: input.info, video: pictureOf(preset, input), frames: input.index.pts.length });
}

/** Of rungs of one codec whose picture has the same size, the one with the smallest box says it all. */
function withoutRepeats(presets: readonly FilmPreset[], input: Omit<LadderInput, 'presets'>) {
  const rungs = presets.map((preset) => ({ preset, video: pictureOf(preset, input), box: boxOf(preset) }));
  type Rung = (typeof rungs)[number];
  const repeatedBy = (rung: Rung) =>
    rungs.find(
      (other) =>
        rung.box !== null &&
        other.box !== null &&
        kindOf(other.preset) === kindOf(rung.preset) &&
        other.video.width === rung.video.width &&
        other.video.height === rung.video.height &&
        other.box < rung.box,
    );
  const { width, height } = input.info.video;
  return {
    kept: rungs.filter((rung) => !repeatedBy(rung)).map(({ preset }) => preset),
    warnings: rungs.flatMap((rung) => {
      const other = repeatedBy(rung);
      if (!other) return [];
      const why = `the source is only ${width}x${height}`;
      return [`RUNG_LEFT_OUT: ${rung.preset.id} would be no larger than ${other.preset.id}, because ${why}.`];
    }),
  };
}

/** Rungs of one kind differ in size only, and in the bitrate that goes with it. */
const kindOf = ({ container, video }: FilmPreset): string =>
  [container, video.codec, 'rate' in video ? video.rate.mode : ''].join(' ');

/** Pixels of the box a rendition must fit into; null where it keeps the size of the source or has a shape of its own. */
function boxOf({ video }: FilmPreset): number | null {
  if (video.codec === 'ffv1' || video.box === null || video.fit !== 'inside') return null;
  return video.box.width * video.box.height;
}

/**
 * Decoding once pays where the decodes it saves are at least this share of the predicted work. `npm run bench -- ladder`
 * measures what it saves (four rungs of 1080p at veryfast: 0.83 of the CPU of separate runs); that less than this share is
 * not worth a task that no two nodes can split is a judgement, not a measurement.
 */
const worthwhileShare = 0.05;

function withSharedDecode(plans: readonly FilmManifest[], input: Omit<LadderInput, 'presets'>): FilmManifest[] {
  const groups = Map.groupBy(plans, (plan) => (canShare(plan) ? cutKey(plan) : plan.rendition));
  return plans.map((plan) => {
    const group = [...groups.values()].find((some) => some.includes(plan)) ?? [plan];
    const isWorthwhile = group.length > 1 && savedShare(group, input) >= worthwhileShare;
    return isWorthwhile ? { ...plan, encodedWith: group.map(({ rendition }) => rendition) } : plan;
  });
}

/** Sound that is encoded alike is encoded once. */
function withSharedSound(plans: readonly FilmManifest[]): FilmManifest[] {
  const soundKey = (plan: FilmManifest) => JSON.stringify([plan.toolchainClass, plan.demuxer, soundTracks(plan)]);
  return plans.map((plan) => {
    const first = plans.find((other) => soundKey(other) === soundKey(plan));
    return first === undefined || first === plan ? plan : { ...plan, soundFrom: first.rendition };
  });
}

/**
 * Text is prepared, and two passes are run, for one rendition. Several threads each: the branches would wait for each other. Another rate: its frames are not the source's. A device
 * opens few encoders at once, and the decode is what is left for the CPU there.
 */
const canShare = ({ video, sourceFrames }: FilmManifest): boolean =>
  video.threads === 1 &&
  [sourceFrames, video.device, video.burnIn, video.passes].every((special) => special === undefined);

const cutKey = ({ video, chunks, toolchainClass, plan }: FilmManifest): string =>
  JSON.stringify([plan, toolchainClass, video.streamIndex, video.applyRotation, chunks.map(({ end }) => end)]);

function savedShare(group: readonly FilmManifest[], { info }: Omit<LadderInput, 'presets'>): number {
  const decode = decodeCostSeconds(info, 1);
  const encode = group.reduce((sum, { video }) => sum + encoderCostSeconds(video, 1), 0);
  return ((group.length - 1) * decode) / (group.length * decode + encode);
}
