export { defaultRetryPolicy, type RetryPolicy } from './backoff.ts';
export * from './diskStore.ts';
export { downloadSigned, type TransferOptions } from './downloadSigned.ts';
export * from './freeBytes.ts';
export { sha256OfBytes, sha256OfFile } from './hashing.ts';
export { objectKeys } from './objectKeys.ts';
export type * from './objectStore.ts';
export { type UploadOptions, uploadSigned } from './uploadSigned.ts';
