import type { Sha256, SignedPut } from '@reelmill/protocol';
import type { Client } from 'minio';
import { type Presigning, presignV4, type SigV4Signer } from './sigV4.ts';
import { errnoOf } from './storageErrors.ts';

/** Limit of S3 on the number of parts. */
const mostParts = 10_000;

/** Name of the metadata header that carries the hash of an object. */
export const hashHeader = 'x-amz-meta-sha256';

export interface S3PresigningSettings {
  readonly client: () => Promise<Client>;
  readonly signer: SigV4Signer;
  readonly origin: string;
  readonly bucket: string;
  readonly multipartThresholdBytes: number;
  readonly partSizeBytes: number;
  readonly now: () => number;
}

export interface PutBinding {
  readonly ttlSeconds: number;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

/**
 * Presigned writes. Up to the threshold one PUT, bound to length and SHA-256 by signed headers: the store itself
 * refuses other bytes. Above it a multipart upload whose part lengths are bound; its hash is only declared, so readers
 * check it (decision 15).
 */
export class S3Presigning {
  readonly #settings: S3PresigningSettings;
  /** Uploads begun here and not known to be complete, so that they can be aborted: servers list them poorly. */
  readonly #openUploads = new Map<string, string>();

  constructor(settings: S3PresigningSettings) {
    this.#settings = settings;
  }

  async signPut(key: string, binding: PutBinding): Promise<SignedPut> {
    if (binding.sizeBytes > this.#settings.multipartThresholdBytes) return await this.#signMultipart(key, binding);
    const headers = {
      'content-length': String(binding.sizeBytes),
      [hashHeader]: binding.sha256,
      'x-amz-content-sha256': binding.sha256,
    };
    return { key, url: this.#presign(key, binding.ttlSeconds, { method: 'PUT', headers }), headers, multipart: null };
  }

  /** Ends unfinished uploads of all keys that `matches` names, so that their parts occupy nothing. */
  async abortUploads(matches: (key: string) => boolean): Promise<void> {
    const client = await this.#settings.client();
    for (const [uploadId, key] of [...this.#openUploads]) {
      if (!matches(key)) continue;
      await client.abortMultipartUpload(this.#settings.bucket, key, uploadId).catch((thrown: unknown) => {
        if (errnoOf(thrown) !== 'NoSuchUpload') throw thrown; // completed, the usual case
      });
      this.#openUploads.delete(uploadId);
    }
  }

  async #signMultipart(key: string, { ttlSeconds, sizeBytes, sha256 }: PutBinding): Promise<SignedPut> {
    const client = await this.#settings.client();
    const uploadId = await client.initiateNewMultipartUpload(this.#settings.bucket, key, { [hashHeader]: sha256 });
    this.#openUploads.set(uploadId, key);
    const partSizeBytes = Math.max(this.#settings.partSizeBytes, Math.ceil(sizeBytes / mostParts));
    const partUrls = Array.from({ length: Math.ceil(sizeBytes / partSizeBytes) }, (_none, index) => {
      const length = Math.min(partSizeBytes, sizeBytes - index * partSizeBytes);
      const query = { partNumber: String(index + 1), uploadId };
      return this.#presign(key, ttlSeconds, { method: 'PUT', query, headers: { 'content-length': String(length) } });
    });
    const completeUrl = this.#presign(key, ttlSeconds, { method: 'POST', query: { uploadId } });
    return { key, url: '', headers: {}, multipart: { partSizeBytes, partUrls, completeUrl } };
  }

  #presign(key: string, ttlSeconds: number, rest: Pick<Presigning, 'method' | 'query' | 'headers'>): string {
    const { signer, origin, bucket, now } = this.#settings;
    return presignV4(signer, { ...rest, origin, path: `/${bucket}/${key}`, at: new Date(now()), ttlSeconds });
  }
}
