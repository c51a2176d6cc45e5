import type { Client } from 'minio';

export const defaultBucket = 'videos';
export const defaultRegion = 'us-east-1';

/** Where a bucket is, and who may use it. */
export interface S3Account {
  /** Host name or address that this machine and every node reach. */
  readonly endpoint: string;
  readonly port: number;
  readonly useSSL: boolean;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Default `videos`; made by `ready` when it is missing. */
  readonly bucket?: string;
  /** Default `us-east-1`. */
  readonly region?: string;
}

export type S3Connection = typeof import('minio') & { readonly client: Client };

/** The client is loaded on first use: processes that never speak S3 start a quarter of a second sooner. */
export async function connectS3(account: S3Account): Promise<S3Connection> {
  const minio = await import('minio');
  const { endpoint: endPoint, port, useSSL, accessKey, secretKey, region = defaultRegion } = account;
  const retryOptions = { disableRetry: true }; // it writes its retries to the console; ours are counted and logged
  const client = new minio.Client({
    endPoint,
    port,
    useSSL,
    accessKey,
    secretKey,
    region,
    pathStyle: true,
    retryOptions,
  });
  return { ...minio, client };
}
