import type { Readable } from 'node:stream';
import type { Sha256, SignedGet, SignedPut } from '@reelmill/protocol';

export interface ObjectInfo {
  readonly key: string;
  readonly sizeBytes: number;
  /** Null where the driver does not know it without reading the object. */
  readonly sha256: Sha256 | null;
}

export interface ByteRange {
  /** First byte. */
  readonly start: number;
  /** One past the last byte. */
  readonly end: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * The one storage port. Keys come from `keys.ts`. Every method throws `FarmError`: NOT_FOUND, STORAGE_UNREACHABLE,
 * STORAGE_REFUSED, STORAGE_CORRUPT, DISK_FULL. Writes are atomic: a reader sees the whole object or none.
 */
export interface ObjectStore {
  readonly kind: 'embedded' | 's3';
  /** Creates the bucket or folder; throws where the store cannot be used. */
  ready(options?: CallOptions): Promise<void>;
  /** Streams a local file in; returns its hash. */
  putFile(key: string, path: string, options?: CallOptions): Promise<{ sizeBytes: number; sha256: Sha256 }>;
  putBytes(key: string, bytes: Uint8Array, options?: CallOptions): Promise<{ sha256: Sha256 }>;
  get(key: string, options?: CallOptions & { range?: ByteRange }): Promise<Readable>;
  /** Streams into a new local file; verifies `sha256` when given (STORAGE_CORRUPT). */
  getFile(
    key: string,
    path: string,
    options?: CallOptions & { sha256?: Sha256 },
  ): Promise<{ sizeBytes: number; sha256: Sha256 }>;
  head(key: string, options?: CallOptions): Promise<ObjectInfo | null>;
  list(prefix: string, options?: CallOptions): Promise<ObjectInfo[]>;
  /** Server-side: no byte passes through the caller. Overwrites `to` only with the same content. */
  promote(from: string, to: string, options?: CallOptions): Promise<void>;
  remove(key: string, options?: CallOptions): Promise<void>;
  removePrefix(prefix: string, options?: CallOptions): Promise<void>;
  /** URL for one GET of one object; `baseUrl` is the address the agent dialled (embedded only). */
  signGet(key: string, options: { ttlSeconds: number; baseUrl: string; sha256: Sha256 | null }): Promise<SignedGet>;
  /** URL for one PUT of exactly these bytes. */
  signPut(
    key: string,
    options: { ttlSeconds: number; baseUrl: string; sizeBytes: number; sha256: Sha256 },
  ): Promise<SignedPut>;
  /** Absolute path of an object on this machine's disk, or null: lets house tasks read without a copy. */
  localPath(key: string): string | null;
  /** Free bytes where the store knows them. */
  freeBytes(): Promise<number | null>;
}
