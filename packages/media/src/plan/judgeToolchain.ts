import { FarmError, type HardwareProof, type SourceReport, type Toolchain } from '@reelmill/protocol';
import { burnInNeeds } from '../burnIn/burnInFilters.ts';
import { type HardwareUse, readToolchainClass } from '../hardware/hardwareClass.ts';
import { isStillPlan, type OutputPlan } from './outputPlan.ts';

/** What a node can do. */
export interface NodeAbilities {
  readonly toolchain: Toolchain;
  /** null: it has not tried its hardware encoders yet. */
  readonly proofs: readonly HardwareProof[] | null;
}

/**
 * Why a node cannot take part in a plan, a sentence; null: it can.
 * @param plannedVersion FFmpeg version of the class the plan is made for, where it is known
 */
export function whyNotOn(
  { toolchain, proofs }: NodeAbilities,
  requires: SourceReport['requires'],
  plannedVersion?: string | undefined,
): string | null {
  const { software, hardware } = readToolchainClass(requires.toolchainClass);
  if (toolchain.classId !== software) {
    const version = plannedVersion === undefined ? '' : `FFmpeg ${plannedVersion}, `;
    return (
      `It runs another FFmpeg (${toolchain.ffmpegVersion}, build ${toolchain.classId}): all chunks must come from ` +
      `${version}build ${software}, because those of two builds do not fit together.`
    );
  }
  const missing = requires.encoders.filter((encoder) => !toolchain.encoders.includes(encoder));
  if (missing.length > 0) return `Its FFmpeg lacks the encoder ${missing.join(' and ')}.`;
  const lacking = lackingFilters(toolchain.filters, requires.filters ?? []);
  if (lacking.length > 0) return `Its FFmpeg lacks the filter ${lacking.join(' and ')}.`;
  return hardware === null ? null : whyNotWith(hardware, proofs);
}

/** Of the needed filters those a build is known to lack; `known` is undefined where nothing is known. */
const lackingFilters = (known: readonly string[] | undefined, needed: readonly string[]): string[] =>
  known === undefined ? [] : needed.filter((filter) => !known.includes(filter));

/** Filters a plan needs that some builds of FFmpeg lack. */
export function filtersOf(plan: OutputPlan): string[] {
  const filters = isStillPlan(plan) ? plan.picture.filters : (plan.video?.filters ?? []);
  const burnIn = isStillPlan(plan) || plan.video === null ? [] : burnInNeeds(plan.video.burnIn);
  return [...(filters.some((filter) => filter.startsWith('zscale=')) ? ['zscale'] : []), ...burnIn];
}

/**
 * Refuses a plan that no node of its class can run, before work starts; of a class that is not this FFmpeg's nothing
 * is known.
 * @throws FarmError FILTER_MISSING
 */
export function assertFilters(plan: OutputPlan, toolchain: Toolchain): void {
  if (toolchain.classId !== readToolchainClass(plan.toolchainClass).software) return;
  const lacking = lackingFilters(toolchain.filters, filtersOf(plan));
  if (lacking.length === 0) return;
  const message = `FFmpeg ${toolchain.ffmpegVersion} was built without the filter ${lacking.join(' and ')}.`;
  throw new FarmError('FILTER_MISSING', { message, details: { lacking } });
}

function whyNotWith({ encoder, form }: HardwareUse, proofs: readonly HardwareProof[] | null): string | null {
  if (proofs === null) return `It has not tried ${encoder} yet.`;
  const proof = proofs.find((one) => one.encoder === encoder);
  if (proof === undefined) return `It cannot have ${encoder}.`;
  if (!proof.proven) return `It could not prove ${encoder}: ${withStop(proof.reason)}`;
  const tried = proof.forms.find((one) => one.form === form);
  if (tried?.whyNot === null) return null;
  return `It could not prove ${encoder} for ${form.replaceAll('-', ' ')}: ${withStop(tried?.whyNot ?? 'no such form')}`;
}

const withStop = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);
