import { chmod, mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPresets } from '@reelmill/media';
import { SubmitRequest } from '@reelmill/protocol';
import type { Decision } from '@reelmill/scheduler';
import { initialState } from '@reelmill/scheduler';
import { expect, test } from 'vitest';
import type { Dispatcher, TimelessCommand } from '../dispatch/dispatcher.ts';
import type { JobRequest } from '../jobRecords.ts';
import { trackOutputNames } from './outputNames.ts';
import { submitJobs } from './submitJobs.ts';

const presets = await loadPresets();
/** The first bytes of an MP4: enough for the intake, which looks at content and reads no further. */
const film = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom\0\0\x02\0isomiso2mp41')]);

const newFolder = () => mkdtemp(join(tmpdir(), 'reelmill-intake-'));

/** Keeps submitted jobs as the journal would, without deciding anything. */
function recorder() {
  const requests: JobRequest[] = [];
  const accepted: Decision = { kind: 'accepted', events: [], effects: [] };
  const dispatcher: Pick<Dispatcher, 'state' | 'run'> = {
    state: () => initialState,
    run: async (command: TimelessCommand) => {
      if (command.type === 'submit-job') requests.push(command.request as JobRequest);
      return accepted;
    },
  };
  const names = trackOutputNames({ state: () => initialState, subscribe: () => () => {} });
  const options = { presets, queues: [], uploads: new Map(), uploadOutputsFolder: '/nowhere', names };
  const submit = (request: Partial<SubmitRequest> & { paths: string[] }) =>
    submitJobs(
      SubmitRequest.parse({
        preset: 'h264-720p',
        ...request,
        inputs: request.paths.map((path) => ({ kind: 'path', path })),
      }),
      { ...options, dispatcher: dispatcher as Dispatcher },
    );
  return { requests, submit };
}

test('a folder becomes one job per film, its tree mirrored, the rest counted as skipped', async () => {
  const [films, output] = [await newFolder(), await newFolder()];
  await mkdir(join(films, 'day 1', 'camera b'), { recursive: true });
  await writeFile(join(films, 'a.mp4'), film);
  await writeFile(join(films, 'day 1', 'camera b', 'ä.mp4'), film);
  await writeFile(join(films, 'notes.txt'), 'no film');
  await writeFile(join(films, '.hidden.mp4'), film);
  await symlink(films, join(films, 'loop'));
  const { requests, submit } = recorder();
  const answer = await submit({ paths: [films], outputFolder: output });
  expect(answer.jobs.map((job) => job.plannedOutput).sort()).toEqual([
    join(output, 'a_h264-720p.mp4'),
    join(output, 'day 1', 'camera b', 'ä_h264-720p.mp4'),
  ]);
  expect(answer.skipped).toContain(join(films, 'notes.txt'));
  expect(requests.every((request) => request.refusal === null)).toBe(true);
  expect(await readdir(output)).toEqual([]);
});

test('what cannot be rendered becomes a job that fails with its code, and the others go on', async () => {
  const folder = await newFolder();
  const emptyFolder = await newFolder();
  await writeFile(join(folder, 'good.mp4'), film);
  await writeFile(join(folder, 'zero.mp4'), '');
  await writeFile(join(folder, 'text.mp4'), 'this is a text, not a film');
  const { requests, submit } = recorder();
  const paths = ['good.mp4', 'zero.mp4', 'text.mp4', 'missing.mp4'].map((name) => join(folder, name));
  const answer = await submit({ paths: [...paths, emptyFolder] });
  expect(answer.jobs).toHaveLength(5);
  expect(requests.map((request) => request.refusal?.code ?? 'none')).toEqual([
    'none',
    'SOURCE_EMPTY',
    'UNSUPPORTED_MEDIA',
    'SOURCE_NOT_FOUND',
    'NO_MEDIA_FOUND',
  ]);
});

test('an output folder that cannot be written fails the jobs, not the request', async () => {
  const folder = await newFolder();
  await writeFile(join(folder, 'good.mp4'), film);
  await writeFile(join(folder, 'a file'), 'in the way');
  const { requests, submit } = recorder();
  await submit({ paths: [join(folder, 'good.mp4')], outputFolder: join(folder, 'a file', 'below') });
  await submit({ paths: [join(folder, 'good.mp4')], outputFolder: '/proc/reelmill' });
  if (process.getuid?.() !== 0) {
    await chmod(folder, 0o500);
    await submit({ paths: [join(folder, 'good.mp4')] });
    await chmod(folder, 0o700);
  }
  expect(new Set(requests.map((request) => request.refusal?.code))).toEqual(new Set(['OUTPUT_UNWRITABLE']));
});

test('names are reserved: same source twice, existing files, names that differ in case only', async () => {
  const [folder, output] = [await newFolder(), await newFolder()];
  await writeFile(join(folder, 'clip.mp4'), film);
  await mkdir(join(folder, 'other'));
  await writeFile(join(folder, 'other', 'CLIP.mp4'), film);
  await writeFile(join(output, 'clip_h264-720p.MP4'), 'older');
  const { submit } = recorder();
  const paths = [join(folder, 'clip.mp4'), join(folder, 'clip.mp4'), join(folder, 'other', 'CLIP.mp4')];
  const answer = await submit({ paths, outputFolder: output });
  expect(answer.jobs.map((job) => job.plannedOutput)).toEqual([
    join(output, 'clip_h264-720p (2).mp4'),
    join(output, 'clip_h264-720p (3).mp4'),
    join(output, 'CLIP_h264-720p (4).mp4'),
  ]);
});

test('only what is wrong with the request itself is refused', async () => {
  const { requests, submit } = recorder();
  await expect(submit({ paths: ['/x.mp4'], preset: 'nope' })).rejects.toMatchObject({ code: 'PRESET_UNKNOWN' });
  await expect(submit({ paths: ['/x.mp4'], settings: { speed: 'warp' } })).rejects.toMatchObject({
    code: 'PRESET_INVALID',
  });
  await expect(submit({ paths: ['x.mp4'] })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  expect(requests).toEqual([]);
});

test('a thousand files are accepted within 300 ms each, and much faster', async () => {
  const folder = await newFolder();
  await Promise.all(Array.from({ length: 1000 }, (_, index) => writeFile(join(folder, `${index}.mp4`), film)));
  const { submit } = recorder();
  const started = performance.now();
  const answer = await submit({ paths: [folder] });
  expect(answer.jobs).toHaveLength(1000);
  expect(performance.now() - started).toBeLessThan(10_000);
});
