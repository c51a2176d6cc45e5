import type { SimulationReport } from '@reelmill/scheduler/simulation';

/** A share of work for one thread. */
export type SeedTask =
  | { readonly kind: 'seeds'; readonly from: number; readonly count: number }
  /** Every death of the coordinator in this seed: at each event of its journal, before and after the fsync. */
  | { readonly kind: 'crashes'; readonly seed: number }
  /** Seeds from 1 until this planted fault is found, at most so many. */
  | { readonly kind: 'mutant'; readonly name: string; readonly limit: number };

export interface FoundFault {
  readonly seed: number;
  readonly fault: string;
  /** Of the events up to the fault. */
  readonly hash: string;
  /** Where the coordinator was made to die, if anywhere. */
  readonly where: string | null;
}

export interface SeedResult {
  readonly runs: number;
  readonly steps: number;
  readonly found: readonly FoundFault[];
  /** Over the event hashes of all runs, in order. */
  readonly digest: string;
}

export const faultOf = ({ seed, fault, hash }: SimulationReport, where: string | null): FoundFault[] =>
  fault === null ? [] : [{ seed, fault, hash, where }];
