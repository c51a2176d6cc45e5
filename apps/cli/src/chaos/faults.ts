import type { Fault } from './chaosCase.ts';
import { agentFaults } from './kinds/agentFaults.ts';
import { bitFlips } from './kinds/bitFlips.ts';
import { coordinatorKills } from './kinds/coordinatorKills.ts';
import { fullDisks } from './kinds/fullDisks.ts';
import { partitions } from './kinds/partitions.ts';
import { s3Faults } from './kinds/s3Faults.ts';
import { storeFaults } from './kinds/storeFaults.ts';
import { storePartitions } from './kinds/storePartitions.ts';

/** Every kind of fault, with its cases; their order is that of the table. */
export const faults: readonly Fault[] = [
  coordinatorKills,
  agentFaults,
  partitions,
  storePartitions,
  fullDisks,
  storeFaults,
  bitFlips,
  s3Faults,
];
