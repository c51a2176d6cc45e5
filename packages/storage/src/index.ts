export type * from './objectStore.ts';
