// Every case of the fault suite. Those of kind s3 get a MinIO server, built once where that was never done.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMinio } from '../e2e/support/minioServer.ts';

const folder = await mkdtemp(join(tmpdir(), 'reelmill-minio-'));
const minio = await startMinio({ folder }).catch((cause) => {
  process.stderr.write(`cases of kind s3 will not run: ${cause.message}\n`);
  return null;
});
const store = minio && {
  REELMILL_S3_ENDPOINT: `http://${minio.endpoint}:${minio.port}`,
  REELMILL_S3_ACCESS_KEY: minio.accessKey,
  REELMILL_S3_SECRET_KEY: minio.secretKey,
};
const bucket = minio === null ? [] : ['--bucket', 'chaos'];
const suite = ['apps/cli/bin/reelmill.mjs', 'chaos', '--all', ...bucket, '--results', 'bench/results/chaos.json'];
const child = spawn(process.execPath, [...suite, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, ...store },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
process.exitCode = await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
await minio?.stop();
await rm(folder, { recursive: true, force: true });
