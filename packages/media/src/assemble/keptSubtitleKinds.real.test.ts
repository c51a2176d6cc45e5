import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runFfmpeg, runFfprobe } from '../process/runFfmpeg.ts';
import { renderLocally } from '../testing/renderLocally.ts';
import { plainLines, readBack, readLines, srtText } from '../testing/richSource.ts';
import { sharedClips } from '../testing/sharedClips.ts';
import { testRun } from '../testing/testRun.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-subtitle-kinds-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Bytes of all packets of the first subtitle track. */
async function subtitleBytes(path: string): Promise<number> {
  const { stdout } = await runFfprobe(
    ['-select_streams', 's:0', '-show_entries', 'packet=size', '-of', 'json', path],
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

const camera = sharedClips('all', ['d05'])[0]?.[1] ?? '';

describe.skipIf(camera === '')('picture subtitles of a camera', () => {
  const render = (presetId: string) =>
    renderLocally(camera, { presetId, chunkSeconds: 2, verify: 'seams', folder: join(folder, presetId) }, run);

  test('are copied into Matroska, every byte', async () => {
    const { outputPath } = await render('ffv1-archive');
    const { streams } = await readBack(outputPath, run);
    expect(streams.map(({ codec_name }) => codec_name)).toContain('hdmv_pgs_subtitle');
    expect(await subtitleBytes(outputPath)).toBe(await subtitleBytes(camera));
  });

  test('are dropped for mp4, and the job says why', async () => {
    const { manifest, outputPath } = await render('h264-720p');
    expect((await readBack(outputPath, run)).streams.map(({ codec_type }) => codec_type)).toEqual(['video', 'audio']);
    expect(manifest.warnings).toContain(
      'SUBTITLES_DROPPED: hdmv_pgs_subtitle (stream 2): hdmv_pgs_subtitle subtitles cannot be put into mp4.',
    );
  });
});
