import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveFfmpeg } from '@reelmill/media';
import type { Sha256 } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MinioServer, startMinio } from '../../../e2e/support/minioServer.ts';
import type { CoreParts } from './farmCore.ts';
import type { OpenCore } from './openCore.ts';
import type { StorageSettings } from './openStore.ts';
import { sweepOrphans } from './orphans.ts';
import { newFolder, openTestFarm } from './testing/testFarm.ts';

const mebibyte = 1024 ** 2;
let server: MinioServer;
let storage: StorageSettings;
let folder: string;
beforeAll(async () => {
  folder = await newFolder('minio');
  server = await startMinio({ folder });
  const { endpoint, port, accessKey, secretKey } = server;
  storage = {
    kind: 's3',
    endpoint,
    port,
    accessKey,
    secretKey,
    useSSL: false,
    multipartThresholdBytes: 5 * mebibyte,
    partSizeBytes: 5 * mebibyte,
  };
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const sweep = ({ context, uploadsFolder }: OpenCore): Promise<void> =>
  sweepOrphans({ context, uploads: new Map() } as unknown as CoreParts, uploadsFolder);

const manifestOf = (coordinatorId: string): Uint8Array => Buffer.from(JSON.stringify({ coordinatorId }));

test('in a bucket only objects go whose plan names this coordinator, with uploads that never ended', async () => {
  const open = await openTestFarm(await newFolder('data'), { tools: await resolveFfmpeg(), storage });
  try {
    const { store, coordinatorId } = open.context;
    const [ours, theirs, unknown] = ['J-aaaaaaaaaa', 'J-bbbbbbbbbb', 'J-cccccccccc'];
    await store.putBytes(`videos/${ours}/manifests/source.json`, manifestOf(coordinatorId));
    await store.putBytes(`videos/${ours}/attempts/x/1-a/out.mkv`, Buffer.from('x'));
    await store.putBytes(`videos/${theirs}/manifests/source.json`, manifestOf('somebody else'));
    await store.putBytes(`videos/${unknown}/attempts/x/1-a/out.mkv`, Buffer.from('x'));
    const bytes = { sizeBytes: 6 * mebibyte, sha256: '0'.repeat(64) as Sha256 };
    const bound = { ttlSeconds: 60, baseUrl: '', ...bytes };
    const { multipart } = await store.signPut(`videos/${ours}/attempts/x/2-b/out.mkv`, bound);
    await sweep(open);
    expect((await store.list('')).map(({ key }) => key)).toEqual([
      `videos/${theirs}/manifests/source.json`,
      `videos/${unknown}/attempts/x/1-a/out.mkv`,
    ]);
    // the store does not know the upload any more
    const part = await fetch(multipart?.partUrls[0] ?? '', { method: 'PUT', body: new Uint8Array(5 * mebibyte) });
    expect(part.status).toBe(404);
  } finally {
    await open.close();
  }
});

test('uploads nobody submitted go after a day, those of today stay', async () => {
  const open = await openTestFarm(await newFolder('data'), { tools: await resolveFfmpeg() });
  try {
    const [old, fresh] = ['U-aaaaaaaaaa', 'U-bbbbbbbbbb'].map((name) => join(open.uploadsFolder, name)) as [
      string,
      string,
    ];
    for (const one of [old, fresh]) {
      await mkdir(one);
      await writeFile(join(one, 'clip.mp4'), 'x');
    }
    const yesterday = new Date(Date.now() - 25 * 3_600_000);
    await utimes(join(old, 'clip.mp4'), yesterday, yesterday);
    await utimes(old, yesterday, yesterday);
    await sweep(open);
    expect(await readdir(open.uploadsFolder)).toEqual(['U-bbbbbbbbbb']);
  } finally {
    await open.close();
  }
});
