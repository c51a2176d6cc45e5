import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runFfmpeg, runFfprobe } from '../process/runFfmpeg.ts';
import { pgsFile, subtitleCanvas } from '../testing/pictureSubtitles.ts';
import { planLocally, renderLocally } from '../testing/renderLocally.ts';
import { plainLines, readBack, readLines, srtText } from '../testing/richSource.ts';
import { sharedClips } from '../testing/sharedClips.ts';
import { testRun } from '../testing/testRun.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-subtitle-kinds-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Bytes of all packets of a subtitle track. */
async function subtitleBytes(path: string, track = 0): Promise<number> {
  const { stdout } = await runFfprobe(
    ['-select_streams', `s:${track}`, '-show_entries', 'packet=size', '-of', 'json', path],
    run,
  );
  const packets: { size: string }[] = JSON.parse(stdout).packets;
  return packets.reduce((sum, { size }) => sum + Number(size), 0);
}

/** Two seconds of picture that begin at 10 s of the container's clock, with text subtitles of a kind. */
async function makeTextSource(codec: string): Promise<string> {
  const path = join(folder, `${codec}.mkv`);
  await writeFile(join(folder, 'lines.srt'), srtText(plainLines));
  const inputs = ['-f', 'lavfi', '-i', 'testsrc2=size=64x48:rate=25:duration=4', '-i', join(folder, 'lines.srt')];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:s', codec, '-output_ts_offset', '10'];
  await runFfmpeg([...inputs, '-map', '0:v', '-map', '1:s', ...codecs, '-y', path], run);
  return path;
}

describe.each(['webvtt', 'ssa', 'subrip'])('%s in a film that starts at 10 s', (codec) => {
  test.each([
    ['ffv1-archive', codec === 'ssa' ? 'ass' : codec],
    ['h264-720p', 'mov_text'],
  ])('as %s keeps its lines where they were in the picture', async (presetId, expected) => {
    const path = await makeTextSource(codec);
    const order = { presetId, chunkSeconds: 2, verify: 'seams', folder: join(folder, `${codec}-${presetId}`) } as const;
    const { outputPath } = await renderLocally(path, order, run);
    const { streams } = await readBack(outputPath, run);
    expect(streams.find(({ codec_type }) => codec_type === 'subtitle')?.codec_name).toBe(expected);
    const lines = await readLines(outputPath, 0, run);
    expect(lines.map(({ text }) => text)).toEqual(plainLines.map(({ text }) => text));
    for (const [at, line] of lines.entries()) {
      expect(Math.abs(line.startMs - (plainLines[at]?.startMs ?? -1))).toBeLessThanOrEqual(1);
      expect(Math.abs(line.endMs - (plainLines[at]?.endMs ?? -1))).toBeLessThanOrEqual(1);
    }
  });
});

test('lines that are no text are left out, and the job says so', async () => {
  const path = await makeTextSource('subrip');
  const bytes = await readFile(path);
  const at = bytes.indexOf('morning');
  bytes.set([0xff, 0xfe], at);
  const damaged = join(folder, 'damaged.mkv');
  await writeFile(damaged, bytes);
  const order = { presetId: 'h264-720p', chunkSeconds: 2, verify: 'seams', folder: join(folder, 'damaged') } as const;
  const { outputPath, report } = await renderLocally(damaged, order, run);
  expect((await readLines(outputPath, 0, run)).map(({ text }) => text)).toEqual([plainLines[1]?.text]);
  expect(report.warnings).toEqual(['SUBTITLES_DAMAGED: some lines of the subtitles could not be read.']);
});

const pictureCodecs = ['hdmv_pgs_subtitle', 'dvd_subtitle', 'dvb_subtitle'];

describe('subtitles that are pictures: PGS, DVD and DVB', () => {
  let path = '';
  beforeAll(async () => {
    path = join(folder, 'pictures.mkv');
    const text = join(folder, 'lines.sup');
    await writeFile(text, pgsFile(plainLines));
    const size = `${subtitleCanvas.width}x${subtitleCanvas.height}`;
    const inputs = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=4`, '-fix_sub_duration', '-i', text];
    const maps = ['0:v', '1:s', '1:s', '1:s'].flatMap((stream) => ['-map', stream]);
    const codecs = [
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-c:s:0',
      'copy',
      '-c:s:1',
      'dvdsub',
      '-c:s:2',
      'dvbsub',
    ];
    await runFfmpeg([...inputs, ...maps, ...codecs, '-y', path], run);
  });

  test('are copied into Matroska, every byte', async () => {
    const order = { presetId: 'ffv1-archive', chunkSeconds: 2, verify: 'seams', folder: join(folder, 'mkv') } as const;
    const { outputPath } = await renderLocally(path, order, run);
    const { streams } = await readBack(outputPath, run);
    const codecs = streams.filter(({ codec_type }) => codec_type === 'subtitle').map(({ codec_name }) => codec_name);
    expect(codecs).toEqual(pictureCodecs);
    for (const track of [0, 1, 2])
      expect(await subtitleBytes(outputPath, track)).toBe(await subtitleBytes(path, track));
  });

  test('are not in a film in mp4, and the job says why', async () => {
    const order = { presetId: 'h264-360p', chunkSeconds: 2, verify: 'seams', folder: join(folder, 'mp4') } as const;
    const { manifest, outputPath } = await renderLocally(path, order, run);
    expect((await readBack(outputPath, run)).streams.map(({ codec_type }) => codec_type)).toEqual(['video']);
    expect(manifest.warnings.join()).toMatch(
      /SUBTITLES_DROPPED: hdmv_pgs_subtitle .*cannot be put into mp4, which holds text only; Matroska holds them/,
    );
  });

  test.each(['prores-4444', 'prores-proxy', 'dnxhr-lb', 'webm_720p'])(
    'are dropped by %s, each with a line, and the job warns',
    async (presetId) => {
      const order = { presetId, chunkSeconds: 2, verify: 'seams', folder } as const;
      const { side, fates, warnings } = await planLocally(path, order, run);
      expect(side.subtitles).toEqual([]);
      const told = fates.filter(({ kind }) => kind === 'subtitle').map(({ label, fate }) => [label, fate]);
      expect(told).toEqual(pictureCodecs.map((codec) => [codec, 'dropped']));
      expect(warnings.filter((warning) => warning.startsWith('SUBTITLES_DROPPED'))).toHaveLength(1);
    },
  );
});

const camera = sharedClips('all', ['d05'])[0]?.[1] ?? '';

describe.skipIf(camera === '')('picture subtitles of a camera', () => {
  test('are copied into Matroska, every byte', async () => {
    const order = {
      presetId: 'ffv1-archive',
      chunkSeconds: 2,
      verify: 'seams',
      folder: join(folder, 'camera'),
    } as const;
    const { outputPath } = await renderLocally(camera, order, run);
    const { streams } = await readBack(outputPath, run);
    expect(streams.map(({ codec_name }) => codec_name)).toContain('hdmv_pgs_subtitle');
    expect(await subtitleBytes(outputPath)).toBe(await subtitleBytes(camera));
  });
});
