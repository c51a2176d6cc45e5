import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type FfmpegTools, resolveFfmpeg } from '@reelmill/media';
import type { JobView } from '@reelmill/protocol';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { folderDigest } from './house/publishFolder.ts';
import type { OpenCore } from './openCore.ts';
import { createTestAgent } from './testing/testAgent.ts';
import { drawClip, isEnded, newFolder, openTestFarm, submitOne, untilJob } from './testing/testFarm.ts';

let tools: FfmpegTools;
let clip: string;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  tools = await resolveFfmpeg();
  clip = join(await newFolder('clip'), 'clip.mp4');
  await drawClip(tools, clip, 6);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function farmOf(names: readonly string[]): Promise<OpenCore> {
  const open = await openTestFarm(await newFolder('farm'), { tools });
  closing.push(() => open.close());
  for (const name of names) {
    const agent = createTestAgent(open, { name, slots: 1, tools });
    closing.push(() => agent.die());
    await agent.join();
  }
  return open;
}
async function make(open: OpenCore, preset: string | string[], output: string, settings = {}): Promise<JobView> {
  const jobId = await submitOne(open.core, clip, { preset, settings, outputFolder: output });
  return untilJob(open.core, jobId, isEnded);
}
test('frames are made by several nodes, delivered as a folder and kept as objects of the job', async () => {
  const open = await farmOf(['one', 'two']);
  const output = await newFolder('out');
  await mkdir(join(output, 'clip_frames-jpeg'));
  const job = await make(open, 'frames-jpeg', output, { fps: '5' });
  expect(job).toMatchObject({ state: 'done', error: null, plan: 'chunked', chunksTotal: 3, attempts: 3 });
  expect(job.nodes).toEqual(['one', 'two']);
  const [published] = job.outputs;
  expect(published).toMatchObject({ path: join(output, 'clip_frames-jpeg (2)'), frames: 30 });
  const names = [
    ...Array.from({ length: 30 }, (_, at) => `frame_${String(at + 1).padStart(6, '0')}.jpg`),
    'frames.json',
  ];
  expect((await readdir(published?.path ?? '')).sort()).toEqual(names);
  const digest = await folderDigest(published?.path ?? '', new AbortController().signal);
  expect(digest).toMatchObject({ sha256: published?.sha256, sizeBytes: published?.sizeBytes });
  expect((await stat(published?.path ?? '')).mode & 0o077).not.toBe(0);
  await open.close();
  expect((await readdir(output)).sort()).toEqual([
    ...['clip_frames-jpeg', 'clip_frames-jpeg (2)', 'clip_frames-jpeg (2).proof.json'],
  ]);
  const prefix = `videos/${job.jobId}/frames/frames-jpeg/`;
  expect((await open.context.store.list(prefix)).map(({ key }) => key)).toEqual(
    names.map((name) => `${prefix}${name}`),
  );
  expect(await open.context.store.list(`videos/${job.jobId}/outputs/`)).toEqual([]);

  const alone = await farmOf(['alone']);
  const again = await make(alone, 'frames-jpeg', await newFolder('out'), { fps: '5' });
  expect(again.outputs[0]?.sha256).toBe(published?.sha256);
});

test('a film, its thumbnail, its sprites and a preview are one job', async () => {
  const open = await farmOf(['one']);
  const output = await newFolder('out');
  const job = await make(open, ['ffv1-archive', 'thumbnail', 'sprites', 'preview-gif'], output);
  expect(job).toMatchObject({ state: 'done', error: null, plan: 'chunked', wholeReason: null });
  expect(job.outputs.map(({ path, frames }) => [path.slice(output.length + 1), frames])).toEqual([
    ['clip_ffv1-archive.mkv', 150],
    ['clip_thumbnail.jpg', 1],
    ['clip_sprites', 1],
    ['clip_preview-gif.gif', 30],
  ]);
  expect((await readFile(join(output, 'clip_sprites', 'sprites.vtt'), 'utf8')).split('\n')[0]).toBe('WEBVTT');
  const hidden = (await readdir(output)).filter((name) => name.startsWith('.'));
  expect(hidden).toEqual([]);
});
