import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli, temporaryFolder, untilNoProcessNames } from './support/farmProcesses.ts';
import { type MinioServer, startMinio } from './support/minioServer.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let minio: MinioServer;

beforeAll(async () => {
  folder = await temporaryFolder();
  minio = await startMinio({ folder: join(folder.path, 'minio') });
}, 300_000);
afterAll(async () => {
  await minio.stop();
  await untilNoProcessNames(folder.path, 15_000);
  await folder.remove();
});

/** Half a minute of the cases; `npm run chaos:all` runs all of them. */
const cases = ['s3-get-cut', 's3-put-503-x3', 's3-put-lost-answer', 's3-flip-upload'];

test('faults between agents and a real S3 store are survived: refusals, cuts, lost answers, turned bits', async () => {
  const env = {
    REELMILL_S3_ENDPOINT: `http://${minio.endpoint}:${minio.port}`,
    REELMILL_S3_ACCESS_KEY: minio.accessKey,
    REELMILL_S3_SECRET_KEY: minio.secretKey,
  };
  const suite = (...args: string[]) => runCli(['chaos', '--json', ...args], { env });
  const { code, lines } = await suite('--cases', ...cases, '--bucket', 'chaos');
  expect(lines.filter(({ outcome }) => outcome !== 'held')).toEqual([]);
  expect([code, lines.map(({ id }) => id).sort()]).toEqual([0, [...cases].sort()]);
}, 240_000);
