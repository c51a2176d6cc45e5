import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Client } from 'minio';
import { type BucketLifecycle, mergeRules, readRules, type ScratchRule } from './lifecycleRules.ts';
import { connectS3, defaultBucket, type S3Account } from './s3Connection.ts';
import { toS3Error } from './s3Errors.ts';
import { errnoOf } from './storageErrors.ts';

/** The bucket's own lifecycle, as far as it is ours. Errors: see `ObjectStore`. */
export interface BucketRules {
  read(): Promise<BucketLifecycle>;
  /** Writes our rule, or takes it away; others stay to the letter. Returns what the bucket says afterwards. */
  write(own: ScratchRule | null): Promise<BucketLifecycle>;
}

export function createBucketRules(account: S3Account): BucketRules {
  const { bucket = defaultBucket } = account;
  const calling = <T>(work: (client: Client) => Promise<T>): Promise<T> =>
    connectS3(account)
      .then(({ client }) => work(client))
      .catch((thrown: unknown) => {
        throw toS3Error(thrown, '');
      });
  const load = async (client: Client): Promise<string> => {
    try {
      return await text(await client.makeRequestAsync({ method: 'GET', bucketName: bucket, query: 'lifecycle' }));
    } catch (thrown) {
      if (errnoOf(thrown) === 'NoSuchLifecycleConfiguration') return '';
      throw thrown;
    }
  };
  return {
    read: () => calling(async (client) => readRules(await load(client))),
    write: (own) =>
      calling(async (client) => {
        const merged = mergeRules(await load(client), own);
        if (merged === null) await client.removeBucketLifecycle(bucket);
        else await put(client, bucket, merged);
        return readRules(await load(client));
      }),
  };
}

/** The client reads rules into objects, and writes them back, with losses (`007` becomes 7): ours go as text. */
async function put(client: Client, bucketName: string, xml: string): Promise<void> {
  const headers = { 'Content-MD5': createHash('md5').update(xml).digest('base64') };
  await client.makeRequestAsyncOmit({ method: 'PUT', bucketName, query: 'lifecycle', headers }, xml);
}
