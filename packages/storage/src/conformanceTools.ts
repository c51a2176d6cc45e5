import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { FarmError, JobId, TaskId } from '@reelmill/protocol';
import { objectKeys } from './objectKeys.ts';
import type { ObjectStore } from './objectStore.ts';

/** One running store under test. */
export interface ConformanceSubject {
  /** Empty and ready. */
  readonly store: ObjectStore;
  /** The same store for a host whose clock is one hour behind: its signed URLs of a minute have expired. */
  readonly lateStore: ObjectStore;
  /** Address of the signed door; S3 stores ignore it. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

export interface ConformanceContext {
  readonly subject: () => ConformanceSubject;
  readonly folder: () => string;
}

/** A fresh key under a fresh job, so that tests share one store. */
export function freshKey(name = 'object.bin'): string {
  const job = JobId.parse(
    `J-${randomBytes(10).reduce((text, byte) => text + 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32], '')}`,
  );
  return objectKeys.attempt(TaskId.parse(`${job}/probe`), 1, { random: randomBytes(8).toString('hex'), name });
}

export async function bytesOf(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The code of the FarmError that `work` ends with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'no error',
    (thrown: unknown) => (thrown instanceof FarmError ? thrown.code : `not a FarmError: ${String(thrown)}`),
  );
}
