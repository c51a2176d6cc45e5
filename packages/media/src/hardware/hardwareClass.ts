import { HardwareForm, type HardwareProof, type Preset, type VideoSettings } from '@reelmill/protocol';
import type { PlanClasses } from '../plan/planLadder.ts';
import { hardwareEncoderNamed } from './hardwareEncoders.ts';

/** One hardware encoder, used in one way. */
export interface HardwareUse {
  readonly encoder: string;
  readonly form: HardwareForm;
}

export interface ToolchainClass {
  /** Build and architecture alone. */
  readonly software: string;
  /** null: a class of software encoders. */
  readonly hardware: HardwareUse | null;
}

/**
 * Class of the nodes that proved this encoder in this form: `{software class}+{encoder}.{form}`. A rendition has one
 * class, so hardware and software, or two kinds of hardware, never meet in it.
 */
export const hardwareClass = (software: string, { encoder, form }: HardwareUse): string =>
  `${software}+${encoder}.${form}`;

/** Takes a class apart. What is no hardware class as `hardwareClass` writes it is one of software. */
export function readToolchainClass(toolchainClass: string): ToolchainClass {
  const [, software, encoder, form] = /^(.+)\+([a-z0-9_]+)\.([a-z0-9-]+)$/.exec(toolchainClass) ?? [];
  const known = HardwareForm.safeParse(form);
  if (software === undefined || encoder === undefined || !hardwareEncoderNamed(encoder) || !known.success) {
    return { software: toolchainClass, hardware: null };
  }
  return { software, hardware: { encoder, form: known.data } };
}

/** The hardware classes a node belongs to by what it proved. */
export const hardwareClassesOf = (software: string, proofs: readonly HardwareProof[]): string[] =>
  proofs.flatMap(({ encoder, forms }) =>
    forms.filter(({ whyNot }) => whyNot === null).map(({ form }) => hardwareClass(software, { encoder, form })),
  );

/** Settings of a picture that can be encoded by hardware. */
export type HardwareVideo = Extract<VideoSettings, { encoder: unknown }>;

/** The settings, where they ask for a hardware encoder; else null. */
export const askedHardware = (video: VideoSettings | null): HardwareVideo | null =>
  video !== null && 'encoder' in video && video.encoder === 'hardware' ? video : null;

export const bitDepthOf = (video: HardwareVideo): 8 | 10 => ('bitDepth' in video ? video.bitDepth : 8);

/** The form that these settings need. */
export const hardwareFormOf = (video: HardwareVideo): HardwareForm =>
  HardwareForm.parse(`${video.rate.mode}${bitDepthOf(video) === 10 ? '-10bit' : ''}`);

/**
 * Classes that plan the presets of a certified job as they were planned, from the class of one of its renditions: which
 * encoder made the others is not known, but every hardware encoder gives the same cuts.
 * @param presets with the job's settings applied
 */
export function classesLike(presets: readonly Preset[], certified: string): PlanClasses {
  const { software, hardware } = readToolchainClass(certified);
  const hardwareClasses = new Map<string, string>();
  for (const { id, video } of presets) {
    const asked = askedHardware(video);
    if (asked === null) continue;
    const fits = hardware !== null && hardwareEncoderNamed(hardware.encoder)?.codec === asked.codec;
    const encoder = fits ? hardware.encoder : `${asked.codec}_nvenc`;
    hardwareClasses.set(id, hardwareClass(software, { encoder, form: hardwareFormOf(asked) }));
  }
  return { toolchainClass: software, hardwareClasses };
}
