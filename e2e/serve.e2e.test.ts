import { existsSync, watch as watchFiles } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DoctorReport, ReadyLine, type WatchFolderView } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli, startCli, temporaryFolder, untilNoProcessNames } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';
import { type ServeFarm, serveFarm } from './support/serveFarm.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let farm: ServeFarm;
const at = (...parts: string[]): string => join(folder.path, ...parts);

beforeAll(async () => {
  folder = await temporaryFolder();
  farm = serveFarm(folder.path);
  await farm.startCoordinator();
  await makeClip(at('clip.mp4'), { seconds: 3 });
});
afterAll(async () => {
  await farm.stop();
  await untilNoProcessNames(folder.path, 15_000);
  await folder.remove();
});

test('a second start on the same data folder attaches to the first and ends', async () => {
  const second = startCli(['serve', '--json', '--data', farm.dataDir]);
  const ready = ReadyLine.parse(await second.until((line) => line.type === 'ready'));
  expect((await second.ended).code).toBe(0);
  expect(ready.apiUrl).toBe(farm.ready().apiUrl);
  const code = new URL(ready.url).hash.replace('#code=', '');
  const session = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code }) };
  const answer = await fetch(`${ready.apiUrl}/api/v1/session`, session);
  expect(answer.status).toBe(204);
  expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly.*SameSite=Strict/);
});

test('both tokens are private files, and `token` prints them', async () => {
  for (const [file, flags] of [
    ['join-token', []],
    ['owner-token', ['--owner']],
  ] as const) {
    expect((await stat(join(farm.dataDir, file))).mode & 0o777).toBe(0o600);
    const started = startCli(['token', ...flags, '--data', farm.dataDir]);
    let printed = '';
    started.child.stdout?.on('data', (data) => {
      printed += data;
    });
    expect((await started.ended).code).toBe(0);
    expect(printed.trim()).toBe((await readFile(join(farm.dataDir, file), 'utf8')).trim());
  }
});

test('doctor: without a node that is the fault; with one all of it is well; without a coordinator the machine is examined', async () => {
  const states = async (data: string) => {
    const { code, lines } = await runCli(['doctor', '--json', '--data', data]);
    const { checks } = DoctorReport.parse(lines[0]);
    return { code, of: new Map(checks.map(({ subject, state }) => [subject, state])) };
  };
  const alone = await states(farm.dataDir);
  expect([alone.code, alone.of.get('nodes'), alone.of.get('store'), alone.of.get('port')]).toEqual([
    1,
    'fault',
    'ok',
    'ok',
  ]);
  await farm.addAgent('worker');
  const staffed = await states(farm.dataDir);
  expect([staffed.code, [...new Set(staffed.of.values())]]).toEqual([0, ['ok']]);
  const nowhere = await states(at('nowhere'));
  expect([nowhere.code, nowhere.of.get('coordinator'), nowhere.of.get('ffmpeg')]).toEqual([1, 'fault', 'ok']);
  await expect(stat(at('nowhere'))).rejects.toThrow('ENOENT');
});

/** Resolves when there is no file of that path any more. */
const untilGone = (path: string): Promise<void> =>
  new Promise((resolve) => {
    const watcher = watchFiles(dirname(path), () => {
      if (existsSync(path)) return;
      watcher.close();
      resolve();
    });
  });

test('a file that grows in a watched folder becomes one job; its output beside it none; the source moves to done', async () => {
  const inbox = at('inbox');
  await mkdir(join(inbox, 'day 1'), { recursive: true });
  const watch = (...args: string[]) => runCli(['watch-folders', ...args, '--json', '--data', farm.dataDir]);
  const added = await watch('add', inbox, '--preset', 'h264-480p', '--recursive', '--move');
  expect(added.lines[0]).toMatchObject({ path: inbox, state: 'watching', outputFolder: null, pickedUp: 0 });
  const bytes = await readFile(at('clip.mp4'));
  const path = join(inbox, 'day 1', 'grows.mp4');
  await writeFile(path, bytes.subarray(0, bytes.length / 2));
  const gone = untilGone(path);
  await appendFile(path, bytes.subarray(bytes.length / 2));
  await gone;
  const moved = join(inbox, 'done', 'day 1');
  const [{ lastPickup }] = (await watch()).lines as unknown as [WatchFolderView];
  expect((await farm.jobLine(String(lastPickup?.jobId))).state).toBe('done');
  expect(await readFile(join(moved, 'grows.mp4'))).toEqual(bytes);
  expect((await readdir(join(inbox, 'day 1'))).sort()).toEqual([
    'grows_h264-480p.mp4',
    'grows_h264-480p.mp4.proof.json',
  ]);
  expect((await watch('pause', inbox)).lines[0]).toMatchObject({ state: 'paused', pickedUp: 1 });
  expect((await watch('remove', inbox)).code).toBe(0);
  expect((await watch()).lines).toEqual([]);
  expect((await watch('remove', inbox)).stderr).toContain('NOT_FOUND');
});

test('a remote submit uploads the file through the one door and gets its result', async () => {
  const jobId = await farm.submit(at('clip.mp4'), ['--preset', 'h264-480p', '--upload', '--out', at('uploaded')]);
  const job = await farm.jobLine(jobId);
  expect(job.state, JSON.stringify(job.error)).toBe('done');
  expect(job.outputs[0]?.path).toBe(at('uploaded', 'clip_h264-480p.mp4'));
});

test('download: verified by its hash, never over a file, goes on with what was interrupted', async () => {
  const jobId = await farm.submit(at('clip.mp4'), ['--preset', 'h264-480p,sprites', '--out', at('published')]);
  expect((await farm.jobLine(jobId)).state).toBe('done');
  const fetchTo = (folder: string) =>
    runCli(['download', jobId, '--json', '--out', at(folder), '--data', farm.dataDir]);
  const first = await fetchTo('here');
  expect([first.code, first.stderr]).toEqual([0, '']);
  const [film, sprites] = first.lines as unknown as { path: string; sha256: string }[];
  expect([film?.path, sprites?.path]).toEqual([at('here', 'clip_h264-480p.mp4'), at('here', 'clip_sprites')]);
  const published = await readFile(at('published', 'clip_h264-480p.mp4'));
  expect((await readFile(film?.path ?? '')).equals(published)).toBe(true);
  expect(await readdir(sprites?.path ?? '')).toEqual(await readdir(at('published', 'clip_sprites')));
  // what an interrupted download left: the beginning of it, of which only the rest is fetched
  await writeFile(at('here', `.reelmill-${jobId}-h264-480p.part`), published.subarray(0, 5_000));
  const second = await fetchTo('here');
  const again = (second.lines[0] as unknown as { path: string }).path;
  expect(again).toBe(at('here', 'clip_h264-480p (2).mp4'));
  expect((await readFile(again)).equals(published)).toBe(true);
  await writeFile(at('here', `.reelmill-${jobId}-h264-480p.part`), Buffer.alloc(5_000));
  const spoiled = await fetchTo('here');
  expect([spoiled.code, spoiled.stderr]).toEqual([1, expect.stringContaining('OUTPUT_CHANGED')]);
  expect((await readdir(at('here'))).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('no server → exit 3, a wrong token → exit 4', async () => {
  expect((await runCli(['ls', '--server', 'http://127.0.0.1:9', '--data', farm.dataDir])).code).toBe(3);
  const wrong = await runCli(['ls', '--data', farm.dataDir], { env: { REELMILL_TOKEN: 'wrong' } });
  expect(wrong.code).toBe(4);
  expect(wrong.stderr).toContain('NOT_AUTHORIZED');
});

test('watch of a failed job ends with 1 when asked for the exit status, without colours in a pipe', async () => {
  const jobId = await farm.submit(at('missing.mp4'), ['--preset', 'h264-480p', '--out', at('never')]);
  const watched = await runCli(['watch', jobId, '--exit-status', '--data', farm.dataDir]);
  expect(watched.code).toBe(1);
  expect(watched.stderr).not.toContain('\u001b[');
});

test('failures are listed by cause, retried and given up by group, job or task', async () => {
  const data = ['--data', farm.dataDir];
  const failed = async () => {
    const listed = await runCli(['failures', '--json', ...data]);
    return listed.lines.flatMap((line) => [line as unknown as { groupId: string; letters: { jobId: string }[] }]);
  };
  const [group] = await failed();
  expect(group?.groupId).toMatch(/^SOURCE_NOT_FOUND-[0-9a-f]{8}$/);
  const jobId = group?.letters[0]?.jobId ?? '';
  const retried = await runCli(['failures', 'retry', group?.groupId ?? '', '--elsewhere', '--json', ...data]);
  expect(retried.lines).toEqual([{ type: 'retry', jobId }]);
  expect((await farm.jobLine(jobId)).state).toBe('failed');
  const givenUp = await runCli(['failures', 'give-up', jobId, '--json', ...data]);
  expect(givenUp.lines).toEqual([{ type: 'give-up', jobId }]);
  expect(await failed()).toEqual([]);
  expect((await runCli(['failures', 'retry', jobId, ...data])).stderr).toContain('NOT_FOUND');
  expect((await runCli(['nodes', 'release', 'nobody', ...data])).stderr).toContain('quarantine');
});

test('asked to end, it ends by itself although its standard input is still open', async () => {
  const data = join(folder.path, 'with-parent');
  const started = startCli(['serve', '--json', '--port', '0', '--data', data, '--exit-with-parent']);
  await started.until((line) => line.type === 'ready');
  started.child.kill('SIGTERM');
  expect(await started.ended).toEqual({ code: 0, signal: null });
});
