import { FarmError } from '@reelmill/protocol';
import { z } from 'zod';

const S3Environment = z.object({
  REELMILL_S3_ENDPOINT: z.url({ protocol: /^https?$/ }),
  REELMILL_S3_ACCESS_KEY: z.string().min(1),
  REELMILL_S3_SECRET_KEY: z.string().min(1),
  REELMILL_S3_BUCKET: z.string().min(3).default('videos'),
  REELMILL_S3_REGION: z.string().min(1).default('us-east-1'),
});

export type StorageSettings =
  | { readonly kind: 'embedded' }
  | {
      readonly kind: 's3';
      readonly endpoint: string;
      readonly port: number;
      readonly useSSL: boolean;
      readonly accessKey: string;
      readonly secretKey: string;
      readonly bucket: string;
      readonly region: string;
    };

/** S3 when `REELMILL_S3_ENDPOINT` is set (secrets come from the environment, never from flags), else embedded. */
export function storageSettingsFromEnvironment(environment: NodeJS.ProcessEnv): StorageSettings {
  if (environment.REELMILL_S3_ENDPOINT === undefined) return { kind: 'embedded' };
  const parsed = S3Environment.safeParse(environment);
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    throw new FarmError('USAGE', { message: `The S3 settings are incomplete or wrong: ${names}.` });
  }
  const url = new URL(parsed.data.REELMILL_S3_ENDPOINT);
  const useSSL = url.protocol === 'https:';
  return {
    kind: 's3',
    endpoint: url.hostname,
    port: url.port === '' ? (useSSL ? 443 : 80) : Number(url.port),
    useSSL,
    accessKey: parsed.data.REELMILL_S3_ACCESS_KEY,
    secretKey: parsed.data.REELMILL_S3_SECRET_KEY,
    bucket: parsed.data.REELMILL_S3_BUCKET,
    region: parsed.data.REELMILL_S3_REGION,
  };
}
