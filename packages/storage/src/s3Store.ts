import { addAbortSignal, type Readable } from 'node:stream';
import { FarmError, type Sha256, type SignedPut } from '@reelmill/protocol';
import type { RetryPolicy } from './backoff.ts';
import { sha256OfBytes, sha256OfFile } from './hashing.ts';
import { assertObjectKey, assertObjectPrefix, assertRemovablePrefix } from './objectKeys.ts';
import type { ByteRange, CallOptions, ObjectInfo, ObjectStore } from './objectStore.ts';
import { readIntoFile } from './readIntoFile.ts';
import { retryingStore } from './retryingStore.ts';
import { connectS3, defaultBucket, defaultRegion, type S3Account, type S3Connection } from './s3Connection.ts';
import { toS3Error } from './s3Errors.ts';
import { hashHeader, type PutBinding, S3Presigning } from './s3Presigning.ts';
import { canceled, errnoOf, notFound } from './storageErrors.ts';
import { uploadSigned } from './uploadSigned.ts';

const gibibyte = 1024 ** 3;
/** Limit of S3 on one server-side copy; larger objects are copied part by part, still on the server. */
const largestCopyBytes = 5 * gibibyte;
const ownUploadTtlSeconds = 6 * 3600;

export interface S3StoreSettings extends S3Account {
  /** Larger objects are written in parts; default 1 GiB. */
  readonly multipartThresholdBytes?: number;
  /** Default 64 MiB; S3 allows no less than 5 MiB. */
  readonly partSizeBytes?: number;
  /** Wall clock in milliseconds; default `Date.now`. */
  readonly now?: () => number;
  readonly retry?: Partial<RetryPolicy>;
}

/** A store that speaks S3. Transport errors are retried. Errors and their causes never hold keys or signed URLs. */
export function createS3Store(settings: S3StoreSettings): ObjectStore {
  return retryingStore(new S3Store(settings), settings.retry);
}

type StoredObject = ObjectInfo & { readonly etag: string };

class S3Store implements ObjectStore {
  readonly kind = 's3';
  readonly #settings: S3StoreSettings;
  readonly #bucket: string;
  readonly #region: string;
  readonly #presigning: S3Presigning;
  #connection: Promise<S3Connection> | null = null;

  constructor(settings: S3StoreSettings) {
    const { endpoint, port, useSSL, accessKey, secretKey, bucket = defaultBucket, region = defaultRegion } = settings;
    this.#settings = settings;
    this.#bucket = bucket;
    this.#region = region;
    this.#presigning = new S3Presigning({
      signer: { accessKey, secretKey, region },
      origin: new URL(`${useSSL ? 'https' : 'http'}://${endpoint}:${port}`).origin,
      bucket,
      client: async () => (await this.#connect()).client,
      multipartThresholdBytes: settings.multipartThresholdBytes ?? gibibyte,
      partSizeBytes: settings.partSizeBytes ?? 64 * 1024 ** 2,
      now: () => this.#now(),
    });
  }

  async ready(options: CallOptions = {}): Promise<void> {
    await calling('', options.signal, async () => {
      const { client } = await this.#connect();
      if (await client.bucketExists(this.#bucket)) return;
      await client.makeBucket(this.#bucket, this.#region).catch((thrown: unknown) => {
        if (errnoOf(thrown) !== 'BucketAlreadyOwnedByYou') throw thrown; // made meanwhile
      });
    });
  }

  async putFile(key: string, path: string, options: CallOptions = {}) {
    return await calling(key, options.signal, async () => {
      assertObjectKey(key);
      const announced = await sha256OfFile(path, options);
      const put = await this.#presigning.signPut(key, { ...announced, ttlSeconds: ownUploadTtlSeconds });
      await uploadSigned(put, path, { ...options, ...announced, retry: { tries: 1 } });
      return announced;
    });
  }

  async putBytes(key: string, bytes: Uint8Array, options: CallOptions = {}) {
    return await calling(key, options.signal, async () => {
      assertObjectKey(key);
      const sha256 = sha256OfBytes(bytes);
      const { client } = await this.#connect();
      await client.putObject(this.#bucket, key, Buffer.from(bytes), bytes.length, { [hashHeader]: sha256 });
      return { sha256 };
    });
  }

  async get(key: string, { range, signal }: CallOptions & { range?: ByteRange } = {}): Promise<Readable> {
    return await calling(key, signal, async () => {
      assertObjectKey(key);
      const { client } = await this.#connect();
      const stream: Readable = range
        ? await client.getPartialObject(this.#bucket, key, range.start, range.end - range.start)
        : await client.getObject(this.#bucket, key);
      return signal ? addAbortSignal(signal, stream) : stream;
    });
  }

  async getFile(key: string, path: string, { sha256, signal }: CallOptions & { sha256?: Sha256 } = {}) {
    return await calling(key, signal, async () => {
      const source = await this.get(key);
      return await readIntoFile(source, { key, path, sha256, signal });
    });
  }

  async head(key: string, options: CallOptions = {}): Promise<ObjectInfo | null> {
    return await calling(key, options.signal, async () => {
      assertObjectKey(key);
      const found = await this.#stat(key);
      return found && { key, sizeBytes: found.sizeBytes, sha256: found.sha256 };
    });
  }

  async list(prefix: string, { signal }: CallOptions = {}): Promise<ObjectInfo[]> {
    return await calling(prefix, signal, async () => {
      assertObjectPrefix(prefix);
      const stream = (await this.#connect()).client.listObjectsV2(this.#bucket, prefix, true);
      if (signal) addAbortSignal(signal, stream);
      const found: ObjectInfo[] = [];
      for await (const item of stream as AsyncIterable<{ name: string; size: number }>) {
        found.push({ key: item.name, sizeBytes: item.size, sha256: null });
      }
      return found;
    });
  }

  async promote(from: string, to: string, options: CallOptions = {}): Promise<void> {
    await calling(from, options.signal, async () => {
      assertObjectKey(from);
      assertObjectKey(to);
      const [origin, target] = [await this.#stat(from), await this.#stat(to)];
      if (origin === null) throw notFound(from);
      if (target === null) await this.#copy(origin, to);
      else if (!isSameContent(origin, target)) throw otherContent(to);
    });
  }

  async remove(key: string, options: CallOptions = {}): Promise<void> {
    await calling(key, options.signal, async () => {
      assertObjectKey(key);
      const { client } = await this.#connect();
      await client.removeObject(this.#bucket, key);
      await this.#presigning.abortUploads((upload) => upload === key);
    });
  }

  async removePrefix(prefix: string, options: CallOptions = {}): Promise<void> {
    await calling(prefix, options.signal, async () => {
      assertRemovablePrefix(prefix);
      const { client } = await this.#connect();
      const keys = (await this.list(prefix, options)).map(({ key }) => key);
      const refusals = keys.length === 0 ? [] : await client.removeObjects(this.#bucket, keys);
      if (refusals.some(Boolean)) throw new FarmError('STORAGE_REFUSED', { details: { key: prefix } });
      await this.#presigning.abortUploads((upload) => upload.startsWith(prefix));
    });
  }

  async signGet(key: string, { ttlSeconds, sha256 }: { ttlSeconds: number; sha256: Sha256 | null }) {
    return await calling(key, undefined, async () => {
      assertObjectKey(key);
      const found = await this.#stat(key);
      if (found === null) throw notFound(key);
      const { client } = await this.#connect();
      const url = await client.presignedGetObject(this.#bucket, key, ttlSeconds, {}, new Date(this.#now()));
      return { url, sizeBytes: found.sizeBytes, sha256: sha256 ?? found.sha256 };
    });
  }

  async signPut(key: string, binding: PutBinding): Promise<SignedPut> {
    return await calling(key, undefined, async () => {
      assertObjectKey(key);
      return await this.#presigning.signPut(key, binding);
    });
  }

  localPath(): null {
    return null;
  }

  async freeBytes(): Promise<null> {
    return null;
  }

  #now(): number {
    return (this.#settings.now ?? Date.now)();
  }

  async #connect(): Promise<S3Connection> {
    this.#connection ??= connectS3(this.#settings);
    return await this.#connection;
  }

  async #stat(key: string): Promise<StoredObject | null> {
    try {
      const { size, metaData, etag } = await (await this.#connect()).client.statObject(this.#bucket, key);
      return { key, sizeBytes: size, sha256: (metaData.sha256 as string | undefined) ?? null, etag };
    } catch (thrown) {
      const error = toS3Error(thrown, key);
      if (error instanceof FarmError && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  }

  async #copy(from: StoredObject, to: string): Promise<void> {
    const { client, CopySourceOptions, CopyDestinationOptions } = await this.#connect();
    const source = new CopySourceOptions({ Bucket: this.#bucket, Object: from.key, MatchETag: from.etag });
    const target = { Bucket: this.#bucket, Object: to };
    if (from.sizeBytes <= largestCopyBytes) {
      await client.copyObject(source, new CopyDestinationOptions(target));
    } else {
      const metadata = from.sha256 === null ? {} : { UserMetadata: { sha256: from.sha256 } };
      await client.composeObject(new CopyDestinationOptions({ ...target, ...metadata }), [source]);
    }
  }
}

function isSameContent(a: StoredObject, b: StoredObject): boolean {
  if (a.sizeBytes !== b.sizeBytes) return false;
  return a.sha256 !== null && b.sha256 !== null ? a.sha256 === b.sha256 : a.etag === b.etag;
}

const otherContent = (to: string): FarmError =>
  new FarmError('STORAGE_REFUSED', {
    message: `The object ${to} exists with other content; it is not replaced.`,
    details: { key: to },
  });

/** Runs one call of the client: errors shaped, and CANCELED at once when `signal` aborts, which the client cannot. */
async function calling<T>(key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal?.aborted) throw canceled(signal.reason);
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(canceled(signal?.reason));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(), aborted.promise]);
  } catch (thrown) {
    throw toS3Error(thrown, key);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
