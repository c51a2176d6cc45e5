import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFfmpeg, runFfprobe } from '../process/runFfmpeg.ts';
import { examine } from '../testing/examine.ts';
import { playlists, pointElsewhere } from '../testing/hostileFiles.ts';
import { renderLocally } from '../testing/renderLocally.ts';
import { testRun } from '../testing/testRun.ts';

const run = testRun();
let folder = '';
let url = '';
const hits: string[] = [];
const canary = createServer((request, response) => {
  hits.push(request.url ?? '');
  response.end();
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-canary-'));
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`;
});
afterAll(async () => {
  canary.close();
  await rm(folder, { recursive: true, force: true });
});

test('the canary sings: FFprobe without our guard follows a playlist', async () => {
  const path = join(folder, 'control.m3u8');
  await writeFile(path, playlists(url)[0]?.[1] ?? '');
  await runFfprobe(['-protocol_whitelist', 'file,http,tcp', path], run).catch(() => undefined);
  expect(hits.splice(0)).not.toEqual([]);
});

test('playlists under any name are refused, and nothing is fetched', async () => {
  for (const [name, content] of playlists(url)) {
    const path = join(folder, name);
    await writeFile(path, Buffer.from(content, 'latin1'));
    const { refused } = await examine(path, run);
    expect([name, refused]).toEqual([name, expect.stringMatching(/^(UNSUPPORTED_MEDIA|NO_VIDEO|SOURCE_TRUNCATED)$/)]);
  }
  expect(hits).toEqual([]);
});

test('a track that says its data is elsewhere is rendered from its own file, and nothing is fetched', async () => {
  const [plain, path] = [join(folder, 'plain.mp4'), join(folder, 'elsewhere.mp4')];
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=64x64:rate=25:duration=1'];
  await runFfmpeg([...source, '-c:v', 'mpeg4', '-y', plain], run);
  await writeFile(path, pointElsewhere(await readFile(plain), url));
  const order = { presetId: 'h264-480p', chunkSeconds: 2, verify: 'seams', folder: join(folder, 'out') } as const;
  const outcome = await renderLocally(path, order, run).then(
    ({ report }) => report.frames,
    (thrown: { code?: string }) => thrown.code,
  );
  expect([25, 'UNSUPPORTED_MEDIA', 'DECODE_FAILED']).toContain(outcome);
  expect(hits).toEqual([]);
});

test('the process that asked still opens and spawns as before', () => {
  expect(spawnSync('true').status).toBe(0);
});
