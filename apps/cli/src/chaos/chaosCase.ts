import type { FfmpegTools } from '@reelmill/media';
import type { Reference } from './reference.ts';

export const faultKinds = ['coordinator', 'agent', 'partition', 'disk', 'store', 'flip', 's3'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** One fault, done to a real farm while it renders. */
export interface ChaosCase {
  readonly id: string;
  readonly kind: FaultKind;
  /** What is done, and when. */
  readonly title: string;
  /** Part of the short suite. */
  readonly isFast: boolean;
}

/** What a suite of cases shares. */
export interface ChaosContext {
  /** Scratch of the whole run; each bench takes a folder of its own. */
  readonly folder: string;
  readonly clip: string;
  readonly tools: FfmpegTools;
  readonly seed: number;
  /** The undisturbed run that every output is compared with. */
  readonly reference: Reference;
  readonly signal: AbortSignal;
  /** An empty bucket of the S3 store that the environment names, for this run alone; null: none. */
  readonly bucket: string | null;
}

/** A farm made ready for the cases of one kind. */
export interface Bench<Of extends ChaosCase = ChaosCase> {
  /** Throws where a promise did not hold. Returns what is worth telling of it. */
  run(one: Of, signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** One kind of fault: its cases as data, and what runs them. */
export interface Fault<Of extends ChaosCase = ChaosCase> {
  readonly kind: FaultKind;
  readonly cases: readonly Of[];
  /** Why this machine cannot run them; null: it can. */
  missing(means: Pick<ChaosContext, 'bucket'>): Promise<string | null>;
  /** A farm for these cases, which come in this order. */
  open(context: ChaosContext, cases: readonly Of[]): Promise<Bench<Of>>;
  /** How many of them run beside each other, each on a farm of its own. */
  readonly lanes: number;
}

export type CaseResult = ChaosCase & {
  readonly outcome: 'held' | 'broken' | 'not-run';
  readonly seconds: number;
  /** What was seen; of a broken one, what did not hold; of one that did not run, why. */
  readonly detail: string;
};

/** A promise that did not hold. */
export class BrokenPromise extends Error {}
