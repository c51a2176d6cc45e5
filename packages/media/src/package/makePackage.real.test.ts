import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPicture } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plannedTicks } from '../assemble/joinTimeline.ts';
import type { Manifest } from '../manifest.ts';
import { planLadder } from '../plan/planLadder.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import { checkSource } from '../probe/checkSource.ts';
import { readSource } from '../probe/readSource.ts';
import { runFfmpeg, runFfprobe } from '../process/runFfmpeg.ts';
import { renderPlan } from '../testing/renderLocally.ts';
import { srtText } from '../testing/richSource.ts';
import { testRun } from '../testing/testRun.ts';
import { makePackage } from './makePackage.ts';

const run = testRun();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-package-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function renditionsOf(source: string, ids: readonly string[], settings: Record<string, string>) {
  const presets = await loadTimedPresets();
  const plans = planLadder({
    ...(await readSource(source, run)),
    ...{ identity: await checkSource(source), settings, chunkSeconds: 4, threads: null, toolchainClass: 'test' },
    ...{ verify: 'seams', segmentSeconds: 2 },
    presets: ids.map((id) => findPreset(presets, id)).filter(hasPicture),
  });
  const renditions = [];
  for (const manifest of plans) {
    const { outputPath } = await renderPlan(
      manifest,
      { sourcePath: source, folder: `${source}-${manifest.rendition}` },
      run,
    );
    renditions.push({ manifest, path: outputPath });
  }
  return renditions;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(path)).sort()) hash.update(name).update(await readFile(join(path, name)));
  return hash.digest('hex');
}

/** Presentation times of the decoded frames of one rendition, seconds since the first, as FFmpeg reads a playlist. */
async function decodedSeconds(playlist: string, program: number): Promise<number[]> {
  const args = ['-allowed_extensions', 'ALL', '-i', playlist, '-map', `0:v:${program}`, '-copyts', '-vf', 'showinfo'];
  const times: number[] = [];
  await runFfmpeg(['-loglevel', 'info', ...args, '-fps_mode', 'passthrough', '-f', 'null', '-'], run, {
    onStderrLine: (line) => {
      const found = /pts_time:\s*([\d.]+)/.exec(line);
      if (found) times.push(Number(found[1]));
    },
  });
  return times.map((time) => time - (times[0] ?? 0));
}

/** The second line is shown across the edge of two segments. */
const lines = [
  { startMs: 500, endMs: 1500, text: '<i>Über</i> Tom & Jerry' },
  { startMs: 1800, endMs: 2500, text: 'across' },
];

/** The last track of subtitles as FFmpeg reads it from a playlist; FFmpeg 5.1 takes those of HLS only when told to, and no `.vtt`. */
async function readTexts(playlist: string) {
  const told = [...(playlist.endsWith('.mpd') ? [] : ['-strict', 'experimental']), '-allowed_extensions', 'ALL'];
  const packets = ['-show_entries', 'packet=pts_time,duration_time,data', '-show_data', '-of', 'json'];
  const { stdout } = await runFfprobe([...told, '-select_streams', 's:1', ...packets, playlist], run);
  const found: { pts_time: string; duration_time: string; data: string }[] = JSON.parse(stdout).packets;
  return found.map(({ pts_time, duration_time, data }) => {
    const startMs = Math.round(1000 * Number(pts_time));
    const bytes = data.split('\n').flatMap((line) => line.slice(10, 50).match(/[0-9a-f]{2}/g) ?? []);
    const text = Buffer.from(bytes.join(''), 'hex').toString('utf8');
    return [startMs, startMs + Math.round(1000 * Number(duration_time)), text];
  });
}

const plannedSeconds = (manifest: Manifest): number[] =>
  [...plannedTicks(manifest)].map((ticks) => (ticks * manifest.timeBase.num) / manifest.timeBase.den);

test('a ladder of H.264 and HEVC at uneven times: cut alike, listed rightly, the same bytes twice', async () => {
  const source = join(folder, 'vfr.mkv');
  const picture =
    'testsrc2=size=640x360:rate=30000/1001:duration=7,select=not(eq(mod(n\\,7)\\,3)+between(n\\,70\\,150))';
  const sine = (hertz: number) => ['-f', 'lavfi', '-i', `sine=${hertz}:duration=7`];
  const labels = ['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=deu', '-metadata:s:a:1', 'title=Ton'];
  const texts = [
    '-metadata:s:s:0',
    'language=eng',
    '-disposition:s:0',
    'default+forced',
    '-metadata:s:s:1',
    'title=Voll',
  ];
  await writeFile(join(folder, 'lines.srt'), srtText(lines));
  const inputs = [...sine(440), ...sine(660), '-i', join(folder, 'lines.srt')];
  const maps = ['0', '1', '2', '3', '3'].flatMap((input) => ['-map', input]);
  const sound = [...inputs, ...maps, ...labels, ...texts];
  await runFfmpeg(['-f', 'lavfi', '-i', picture, ...sound, '-fps_mode', 'passthrough', '-y', source], run);
  const renditions = await renditionsOf(source, ['h264-360p', 'hevc-2160p', 'h264-320p'], { speed: 'superfast' });
  const [first, second] = ['one', 'two'].map((name) => join(folder, name)) as [string, string];
  const order = { kind: 'hls-dash', segmentSeconds: 2, renditions } as const;
  await makePackage({ ...order, folder: first }, run);
  await makePackage({ ...order, folder: second }, run);
  expect(await digestOf(second)).toBe(await digestOf(first));

  const playlist = await readFile(join(first, 'index.m3u8'), 'utf8');
  expect(playlist).toMatch(/AVERAGE-BANDWIDTH=\d+,CODECS="avc1\.64[0-9a-f]{4},mp4a\.40\.2",RESOLUTION=640x360,/);
  expect(playlist).toMatch(/CODECS="hvc1\.2\.4\.L\d+\.90,mp4a\.40\.2",RESOLUTION=640x360/);
  expect(playlist).toContain('NAME="en",LANGUAGE="en",DEFAULT=YES');
  expect(playlist).toContain('NAME="Ton",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="1",URI="audio-1.m3u8"');
  expect(playlist).toMatch(
    /NAME="en",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,FORCED=YES,URI="subtitle.m3u8"\n.*NAME="Voll",DEFAULT=NO/,
  );
  const expected = lines.map(({ startMs, endMs, text }) => [startMs, endMs, text.replaceAll('&', '&amp;')]);
  const listed = [await readTexts(join(first, 'index.m3u8')), await readTexts(join(first, 'manifest.mpd'))];
  expect(listed).toEqual([expected, expected]);
  const planned = plannedSeconds(renditions[0]?.manifest as Manifest);
  for (const [name, program] of [
    ['index.m3u8', 0],
    ['index.m3u8', 1],
    ['index.m3u8', 2],
    ['manifest.mpd', 2],
  ] as const) {
    const decoded = await decodedSeconds(join(first, name), program);
    expect(decoded).toHaveLength(planned.length);
    for (const [at, time] of decoded.entries()) expect(Math.abs(time - (planned[at] ?? 0))).toBeLessThan(0.001);
  }
});

test('AV1 of an NTSC film: segments of equal numbers of frames', async () => {
  const source = join(folder, 'ntsc.mp4');
  await runFfmpeg(['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30000/1001:duration=9', '-y', source], run);
  const renditions = await renditionsOf(source, ['av1-1080p'], { speed: '12' });
  expect(renditions[0]?.manifest.segmentStarts).toEqual([0, 60, 120, 180, 240]);
  await makePackage({ kind: 'dash', segmentSeconds: 2, renditions, folder: join(folder, 'av1') }, run);
  expect(await readdir(join(folder, 'av1'))).toEqual(['manifest.mpd', 'video-av1-1080p.mp4']);
  const manifest = await readFile(join(folder, 'av1', 'manifest.mpd'), 'utf8');
  expect(manifest).toMatch(
    /codecs="av01\.0\.\d\dM\.10" bandwidth="\d+" width="320" height="180" sar="1:1" frameRate="30000\/1001"/,
  );
  const probed = await runFfprobe(
    [
      '-count_packets',
      '-show_entries',
      'stream=nb_read_packets',
      '-of',
      'csv=p=0',
      join(folder, 'av1', 'manifest.mpd'),
    ],
    run,
  );
  expect(probed.stdout.trim().split('\n').at(-1)).toContain('270');
});
