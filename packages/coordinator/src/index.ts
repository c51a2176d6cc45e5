export { type Coordinator, type CoordinatorSettings, createCoordinator } from './createCoordinator.ts';
export { readRuntimeFile } from './dataFolder.ts';
export { createDispatcher, type Dispatcher } from './dispatch/dispatcher.ts';
export type { FarmCore, FarmProjection } from './farmCorePort.ts';
export { openJournal } from './journal/journal.ts';
export { bucketRules, type StorageSettings } from './openStore.ts';
export { checkOutputBytes, readProof } from './proof/checkProof.ts';
export { readKey } from './proof/signingKey.ts';
export { keyFingerprint } from './proof/signProof.ts';
