export { decide } from './decide.ts';
export { evolve, evolveAll } from './evolve.ts';
export { isDurable } from './isDurable.ts';
export type { JobWork, SchedulerIndex } from './jobIndex.ts';
export { revokedLeases } from './leases.ts';
export type * from './model.ts';
export { freeSlots } from './nodes.ts';
export { PersistentMap } from './persistentMap.ts';
export { currentLease, houseLeaseNeverExpires, initialState, leaseOf, leasesOf } from './state.ts';
