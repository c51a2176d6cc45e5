import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveFfmpeg } from '@reelmill/media';
import { Client } from 'minio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MinioServer, startMinio } from '../../../e2e/support/minioServer.ts';
import type { CoreParts } from './farmCore.ts';
import type { OpenCore } from './openCore.ts';
import type { StorageSettings } from './openStore.ts';
import { sweepOrphans } from './orphans.ts';
import { newFolder, openTestFarm } from './testing/testFarm.ts';

let server: MinioServer;
let storage: StorageSettings;
let folder: string;
beforeAll(async () => {
  folder = await newFolder('minio');
  server = await startMinio({ folder });
  const { endpoint, port, accessKey, secretKey } = server;
  storage = { kind: 's3', endpoint, port, accessKey, secretKey, useSSL: false };
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
    const { endpoint: endPoint, port, accessKey, secretKey } = server;
    const client = new Client({ endPoint, port, accessKey, secretKey, useSSL: false, region: 'us-east-1' });
    await client.initiateNewMultipartUpload('videos', `videos/${ours}/attempts/x/2-b/out.mkv`, {});
    await sweep(open);
    expect((await store.list('')).map(({ key }) => key)).toEqual([
      `videos/${theirs}/manifests/source.json`,
      `videos/${unknown}/attempts/x/1-a/out.mkv`,
    ]);
    const unfinished = await client.listIncompleteUploads('videos', `videos/${ours}/`, true).toArray();
    expect(unfinished).toEqual([]);
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
