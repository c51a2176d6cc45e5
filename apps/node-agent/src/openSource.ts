import { FarmError, type SourceAccess } from '@reelmill/protocol';
import type { BlockCache } from './blockCache.ts';
import type { ProgressStep } from './progressReporter.ts';

/** The source of one attempt as a local file. */
export interface OpenSource {
  readonly path: string;
  /** Hash of the fetched copy; null when read in place. */
  readonly sha256: string | null;
  /** @throws FarmError SOURCE_CHANGED when an original read in place is no longer the one that was planned. */
  assertUnchanged(): Promise<void>;
  release(): void;
}

export interface OpenSourceOptions {
  readonly cache: BlockCache;
  readonly signal: AbortSignal;
  sameMachine(): boolean;
  progress(step: ProgressStep): void;
}

/** @throws FarmError NODE_REFUSED when a path of another machine is offered; SOURCE_CHANGED; what the cache throws. */
export async function openSource(access: SourceAccess | null, options: OpenSourceOptions): Promise<OpenSource | null> {
  if (access === null) return null;
  if (access.kind === 'fetch') {
    const onBytes = (bytesDone: number): void => options.progress({ phase: 'fetch', bytesDone });
    const copy = await options.cache.acquire(access, { signal: options.signal, onBytes });
    return { path: copy.path, sha256: copy.sha256, assertUnchanged: async () => undefined, release: copy.release };
  }
  if (!options.sameMachine()) {
    throw new FarmError('NODE_REFUSED', { message: "A path was offered, but this is not the coordinator's machine." });
  }
  const { assertSourceUnchanged } = await import('@reelmill/media');
  const assertUnchanged = (): Promise<void> => assertSourceUnchanged(access.identity);
  await assertUnchanged();
  return { path: access.identity.path, sha256: null, assertUnchanged, release: () => undefined };
}
