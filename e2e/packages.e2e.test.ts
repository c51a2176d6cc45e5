import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JobLine, SeamProof } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { render, runCli, startCli, temporaryFolder } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';
import { type PlayerName, playPackage } from './support/packagePlayer.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let clip: string;
let job: JobLine;

const chapters = ['Opening', 'Tom & Jerry'];
const presets = 'h264-720p,h264-480p,h264-360p';
const options = [
  ...['--preset', presets, '--package', 'hls-dash', '--segment-seconds', '2'],
  ...['--chunk-seconds', '3', '--set', 'speed=veryfast'],
];
const out = () => join(folder.path, 'out');

beforeAll(async () => {
  folder = await temporaryFolder();
  clip = join(folder.path, 'clip.mp4');
  const texts = join(folder.path, 'lines.srt');
  await writeFile(
    texts,
    '1\n00:00:01,000 --> 00:00:02,500\n<i>across</i> & on\n\n2\n00:00:05,000 --> 00:00:06,000\nlast\n',
  );
  await makeClip(clip, { seconds: 8, size: '1280x720', texts: [texts, texts], chapters });
  // somebody's own folder of that name
  await mkdir(join(out(), 'clip_package'), { recursive: true });
  const { jobs } = await render(folder.path, [clip], [...options, '--out', out()]);
  [job] = jobs as [JobLine];
});
afterAll(() => folder.remove());

test('a package stands beside the renditions it was made of, under a free name, and nothing hidden is left', async () => {
  expect(job, JSON.stringify(job.error)).toMatchObject({ state: 'done', sourceFrames: 200 });
  expect(job.package).toMatchObject({ kind: 'hls-dash', path: join(out(), 'clip_package (2)') });
  const names = presets.split(',').map((preset) => `clip_${preset}.mp4`);
  expect((await readdir(out())).sort()).toEqual(
    ['clip_package', 'clip_package (2)', ...names, ...names.map((name) => `${name}.proof.json`)].sort(),
  );
  expect(await readdir(join(out(), 'clip_package'))).toEqual([]);
  const videos = presets.split(',').flatMap((preset) => [`video-${preset}.m3u8`, `video-${preset}.mp4`]);
  const texts = ['subtitle', 'subtitle-1'].flatMap((id) => [`${id}.m3u8`, `${id}.vtt`, `${id}-segments.vtt`]);
  const files = [
    'audio.m3u8',
    'audio.mp4',
    'chapters.json',
    'chapters.vtt',
    'index.m3u8',
    'manifest.mpd',
    ...texts,
    ...videos,
  ].sort();
  expect((await readdir(job.package?.path ?? '')).sort()).toEqual(files);
});

test('chunks begin where segments do, and the certificates lead to the same plan again', async () => {
  const paths = job.outputs.map(({ path }) => path);
  for (const path of paths) {
    const { chunks } = SeamProof.parse(JSON.parse(await readFile(`${path}.proof.json`, 'utf8')));
    expect(chunks.map(({ first }) => first % 50)).toEqual(chunks.map(() => 0));
  }
  const checked = await runCli(['verify', '--deep', '--source', clip, '--json', ...paths], {
    env: { REELMILL_DATA: join(folder.path, 'data') },
  });
  expect(checked.code, checked.stderr).toBe(0);
});

test.each<PlayerName>(['hls.js', 'shaka-player'])('%s plays it to the end and switches renditions', async (player) => {
  const played = await playPackage(job.package?.path ?? '', player);
  expect(played).toMatchObject({ ended: true, error: null });
  expect(played.durationSeconds).toBeGreaterThan(7.9);
  // hls.js counts from the first decode time, two frames before the first picture
  expect(played.durationSeconds).toBeLessThan(8.15);
  const sizes = ['1280x720', '854x480', '640x360'];
  expect([...played.renditions].sort()).toEqual([...sizes].sort());
  expect(played.sounds).toHaveLength(1);
  expect(played.texts).toEqual(['en en', 'de de']);
  // one player gives the text as it stands in the file, the other as it is shown
  expect(played.cues.map(([, , text]) => text.replace('&amp;', '&'))).toEqual(['<i>across</i> & on', 'last']);
  for (const [at, seconds] of [1, 5].entries())
    expect(Math.abs((played.cues[at]?.[0] ?? 0) - seconds)).toBeLessThan(0.1);
  const shown = [
    [0, chapters[0]],
    [4, chapters[1]],
  ];
  expect(played.chapters).toEqual([...shown, ...shown]);
  expect(played.audioBytes).toBeGreaterThan(0);
  expect(played.shown[0]).toBe(played.renditions[0]);
  expect(played.shown.at(-1)).toBe(played.renditions.at(-1));
});

test('presets that no package can hold are refused before anything is read', async () => {
  const refused = await render(folder.path, [clip], ['--preset', 'prores-proxy', '--package', 'hls', '--out', out()]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('prores-proxy writes mov with prores');
});

test('killed while it packages, the same command makes the same package, and only one', async () => {
  const scratch = { REELMILL_SCRATCH: join(folder.path, 'killed-scratch'), REELMILL_DATA: join(folder.path, 'data') };
  const killed = join(folder.path, 'killed');
  const command = ['render', clip, ...options, '--out', killed, '--json'];
  const started = startCli(command, { env: scratch });
  await started.until((line) => line.phase === 'package');
  started.child.kill('SIGKILL');
  await started.ended;
  const { jobs, stderr } = await runCli(command, { env: scratch });
  expect(jobs[0]?.package?.sha256, stderr).toBe(job.package?.sha256);
  expect((await readdir(killed)).filter((name) => !name.startsWith('clip_h264'))).toEqual(['clip_package']);
});
