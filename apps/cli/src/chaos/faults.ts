import type { Fault } from './chaosCase.ts';
import { coordinatorKills } from './kinds/coordinatorKills.ts';

/** Every kind of fault, with its cases; their order is that of the table. */
export const faults: readonly Fault[] = [coordinatorKills as Fault];
