import { appendFile, copyFile, mkdir, open, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FfmpegTools, resolveFfmpeg } from '@reelmill/media';
import { dataFiles, type JobView, WatchFolderRequest, type WatchFolderView } from '@reelmill/protocol';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { OpenCore } from '../openCore.ts';
import { createManualWatchClock, type ManualWatchClock } from '../testing/manualWatchClock.ts';
import { createTestAgent } from '../testing/testAgent.ts';
import { drawClip, isEnded, newFolder, openTestFarm, untilJob } from '../testing/testFarm.ts';

let tools: FfmpegTools;
let film: string;
let bytes: Buffer;
beforeAll(async () => {
  tools = await resolveFfmpeg();
  film = join(await newFolder('clip'), 'clip.mp4');
  await drawClip(tools, film, 1);
  bytes = await readFile(film);
});

interface Scene {
  farm: OpenCore;
  readonly clock: ManualWatchClock;
  readonly inbox: string;
  readonly dataDir: string;
  jobs(): JobView[];
  view(): WatchFolderView;
  /** Ends the coordinator and starts it again on the same data folder. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
}

/** A coordinator that watches an empty folder; nobody renders unless an agent joins. */
async function scene(settings: Partial<WatchFolderRequest> = {}): Promise<Scene> {
  const [dataDir, inbox, out] = [await newFolder('farm'), await newFolder('inbox'), await newFolder('out')];
  const clock = createManualWatchClock();
  const made: Scene = {
    farm: await openTestFarm(dataDir, { tools, watchClock: clock }),
    clock,
    inbox,
    dataDir,
    jobs: () => made.farm.core.projection.snapshot().farm.jobs,
    view: () => made.farm.core.projection.snapshot().farm.watchFolders[0] as WatchFolderView,
    async restart(meanwhile = async () => {}) {
      await made.farm.close();
      await meanwhile();
      made.farm = await openTestFarm(dataDir, { tools, watchClock: clock });
    },
  };
  onTestFinished(() => made.farm.close());
  const request = { path: inbox, preset: 'ffv1-archive', outputFolder: out, ...settings };
  await made.farm.core.addWatchFolder(WatchFolderRequest.parse(request));
  return made;
}

const names = ({ jobs }: Scene): string[] =>
  jobs()
    .map(({ name }) => name)
    .sort();

test('check 37: a growing file is queued once, after it was quiet for 5 s and opens as media', async () => {
  const at = await scene();
  const path = join(at.inbox, 'grows.mp4');
  for (let from = 0; from < bytes.length; from += Math.ceil(bytes.length / 4)) {
    await appendFile(path, bytes.subarray(from, from + Math.ceil(bytes.length / 4)));
    await at.clock.pass(4);
    expect([at.jobs().length, at.view().copying]).toEqual([0, 1]);
  }
  await at.clock.pass(4.9);
  expect(at.jobs()).toEqual([]);
  await at.clock.pass(0.1);
  expect(names(at)).toEqual(['grows.mp4']);
  for (const seconds of [1, 5, 60]) await at.clock.pass(seconds);
  expect(names(at)).toEqual(['grows.mp4']);
  expect(at.view()).toMatchObject({ state: 'watching', copying: 0, pickedUp: 1, lastPickup: { name: 'grows.mp4' } });
  expect(at.view().lastPickup?.jobId).toBe(at.jobs()[0]?.jobId);
});

test('a copy that stalls is not taken for whole: its end is missing; nor one that a program still writes', async () => {
  const at = await scene();
  await writeFile(join(at.inbox, 'stalls.mp4'), bytes.subarray(0, bytes.length / 2));
  await writeFile(join(at.inbox, 'empty.mov'), '');
  await writeFile(join(at.inbox, 'notes.txt'), 'no film');
  await writeFile(join(at.inbox, 'film.mp4.part'), bytes);
  await copyFile(film, join(at.inbox, '.hidden.mp4'));
  await at.clock.pass(0);
  await at.clock.pass(60);
  await at.clock.pass(60);
  expect([names(at), at.view().unopened, at.view().copying]).toEqual([[], 2, 0]);
  const writer = await open(join(at.inbox, 'stalls.mp4'), 'a');
  await writer.appendFile(bytes.subarray(bytes.length / 2));
  await at.clock.pass(1);
  await at.clock.pass(60);
  const told = process.platform === 'linux';
  expect([names(at), at.view().copying]).toEqual(told ? [[], 1] : [['stalls.mp4'], 0]);
  await writer.close();
  await at.clock.pass(1);
  expect(names(at)).toEqual(['stalls.mp4']);
});

test('what was replaced is picked up again; what was only touched by a restart is not', async () => {
  const at = await scene();
  const path = join(at.inbox, 'a.mp4');
  await copyFile(film, path);
  await at.clock.pass(0);
  await at.clock.pass(5);
  const beside = join(at.dataDir, 'other.mp4');
  await copyFile(film, beside);
  await utimes(beside, 1_700_000_000, 1_700_000_000);
  await rename(beside, path);
  await at.clock.pass(5);
  expect(names(at)).toEqual(['a.mp4']);
  await at.clock.pass(5);
  expect(names(at)).toEqual(['a.mp4', 'a.mp4']);
});

test('a restart picks nothing up twice and misses nothing, also where the note of a pickup was lost', async () => {
  const at = await scene({ recursive: true });
  await mkdir(join(at.inbox, 'day 1'));
  const strange = 'فيلم 🎬\n‮cipher.mp4';
  await copyFile(film, join(at.inbox, 'day 1', 'a.mp4'));
  await copyFile(film, join(at.inbox, strange));
  await at.clock.pass(0);
  await at.clock.pass(5);
  expect(at.jobs()).toHaveLength(2);
  const before = at.jobs().map(({ jobId }) => jobId);
  await at.restart(() => copyFile(film, join(at.inbox, 'b.mp4')));
  await at.clock.pass(0);
  await at.clock.pass(5);
  expect(at.jobs().map(({ jobId }) => jobId)).toEqual([...before, at.jobs()[2]?.jobId]);
  // As after a crash between the journal's commit and the note: the job is there, that it was picked up is not.
  await at.restart(() => rm(join(at.dataDir, dataFiles.watchSeen), { recursive: true }));
  await at.clock.pass(0);
  await at.clock.pass(5);
  expect([at.jobs().length, at.view().pickedUp]).toEqual([3, 3]);
  await at.restart();
  for (const { jobId } of at.jobs()) await at.farm.core.remove(jobId);
  await at.clock.pass(0);
  await at.clock.pass(5);
  expect([at.jobs().length, at.view().pickedUp]).toEqual([0, 3]);
});

test('a drive that is unplugged is said to be missing, and watching goes on by itself when it is back', async () => {
  const at = await scene();
  await copyFile(film, join(at.inbox, 'a.mp4'));
  await at.clock.pass(0);
  await at.clock.pass(5);
  await rename(at.inbox, `${at.inbox}-away`);
  await at.clock.pass(5);
  expect(at.view()).toMatchObject({ state: 'missing', error: { code: 'WATCH_FOLDER_MISSING' }, pickedUp: 1 });
  await copyFile(film, join(`${at.inbox}-away`, 'b.mp4'));
  await rename(`${at.inbox}-away`, at.inbox);
  await at.clock.pass(5);
  await at.clock.pass(5);
  expect(at.view()).toMatchObject({ state: 'watching', error: null });
  expect(names(at)).toEqual(['a.mp4', 'b.mp4']);
});

test('where a job cannot be taken or written it waits, and goes on by itself', async () => {
  const out = join(await newFolder('out'), 'a file');
  await writeFile(out, '');
  const at = await scene({ outputFolder: join(out, 'below') });
  await copyFile(film, join(at.inbox, 'a.mp4'));
  await at.clock.pass(0);
  await at.clock.pass(5);
  expect(at.view()).toMatchObject({ state: 'blocked', error: { code: 'OUTPUT_UNWRITABLE' }, pickedUp: 0 });
  await rm(out);
  await at.clock.pass(1);
  expect(at.view()).toMatchObject({ state: 'watching', pickedUp: 1 });
});

test('a paused folder is left alone; what it is set to is kept and can be changed', async () => {
  const at = await scene();
  const { core } = at.farm;
  const { watchFolderId } = at.view();
  await core.changeWatchFolder(watchFolderId, { paused: true, preset: ['h264-720p'], priority: 'high' });
  await copyFile(film, join(at.inbox, 'a.mp4'));
  await at.clock.pass(0);
  await at.clock.pass(5);
  expect([at.view().state, at.jobs()]).toEqual(['paused', []]);
  await at.restart();
  expect(at.view()).toMatchObject({ watchFolderId, state: 'paused', preset: ['h264-720p'], priority: 'high' });
  await at.farm.core.changeWatchFolder(watchFolderId, { paused: false });
  await at.clock.pass(0);
  await at.clock.pass(5);
  expect(at.jobs()).toMatchObject([{ name: 'a.mp4', priority: 'high', presets: ['h264-720p'] }]);
  await at.farm.core.removeWatchFolder(watchFolderId);
  expect(at.farm.core.watchFolders()).toEqual([]);
  await expect(at.farm.core.removeWatchFolder(watchFolderId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await readdir(at.inbox)).toEqual(['a.mp4']);
});

test('what cannot be watched is refused', async () => {
  const at = await scene();
  const add = (settings: object) =>
    at.farm.core.addWatchFolder(WatchFolderRequest.parse({ path: '/x', preset: 'h264-720p', ...settings }));
  await expect(add({ path: 'relative' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  await expect(add({ path: at.inbox })).rejects.toThrow(/is watched already/);
  await expect(add({ path: film })).rejects.toThrow(/is not a folder/);
  await expect(add({ path: join(at.dataDir, 'store') })).rejects.toThrow(/own data folder/);
  await expect(add({ preset: 'no-such' })).rejects.toMatchObject({ code: 'PRESET_UNKNOWN' });
});

test('frames are one job, a minute after the last of them came', async () => {
  const at = await scene();
  for (const number of ['0001', '0002', '0003', '0004']) await writeFile(join(at.inbox, `shot_${number}.png`), number);
  await at.clock.pass(0);
  await at.clock.pass(30);
  await writeFile(join(at.inbox, 'shot_0005.png'), '0005');
  await at.clock.pass(30);
  await at.clock.pass(59);
  expect(names(at)).toEqual([]);
  await at.clock.pass(1);
  await at.clock.pass(60);
  expect(names(at)).toEqual(['shot_[0001-0005].png']);
});

test('an output that lands in the watched folder is no source; a source is moved when its job is done', async () => {
  const at = await scene({ outputFolder: null, move: true });
  await mkdir(join(at.inbox, 'done'));
  await writeFile(join(at.inbox, 'done', 'a.mp4'), 'of earlier');
  await copyFile(film, join(at.inbox, 'a.mp4'));
  await at.clock.pass(0);
  await at.clock.pass(5);
  const { jobId } = at.jobs()[0] as JobView;
  await at.clock.pass(5);
  expect(await readdir(at.inbox)).toContain('a.mp4');
  const agent = createTestAgent(at.farm, { name: 'one', slots: 2, tools });
  await agent.join();
  await untilJob(at.farm.core, jobId, isEnded);
  await agent.leave();
  const [output] = (await readdir(at.inbox)).filter((name) => name.endsWith('.mkv')) as [string];
  // Without its certificate only the coordinator's own list tells whose it is; the job leaves that later.
  await rm(join(at.inbox, `${output}.proof.json`));
  await at.clock.pass(5);
  await at.clock.pass(5);
  expect((await readdir(at.inbox)).sort()).toEqual(['a_ffv1-archive.mkv', 'done']);
  expect(await readFile(join(at.inbox, 'done', 'a.mp4'), 'utf8')).toBe('of earlier');
  expect(await readFile(join(at.inbox, 'done', 'a (2).mp4'))).toEqual(bytes);
  await at.farm.core.remove(jobId);
  await at.restart();
  await at.clock.pass(5);
  await at.clock.pass(5);
  expect(at.jobs()).toEqual([]);
  expect(at.view()).toMatchObject({ pickedUp: 1, copying: 0 });
});
