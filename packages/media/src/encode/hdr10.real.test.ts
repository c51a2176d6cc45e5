import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFfmpeg, runFfprobe } from '../process/runFfmpeg.ts';
import { renderLocally } from '../testing/renderLocally.ts';
import { testRun } from '../testing/testRun.ts';

const run = testRun();
let folder = '';
let source = '';
const pq = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc', '-color_range', 'tv'];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-hdr-'));
  source = join(folder, 'hdr10.mp4');
  const display = 'master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)';
  const parameters = `log-level=none:hdr10=1:${display}:max-cll=1000,400:keyint=25`;
  await runFfmpeg(
    [
      ...['-f', 'lavfi', '-i', 'testsrc2=size=128x96:rate=25:duration=4', '-pix_fmt', 'yuv420p10le'],
      ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', parameters, ...pq, '-y', source],
    ],
    run,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The first value of each field of the picture's headers, as FFmpeg's bit-stream parser reads them. */
async function headerFields(path: string, fromSeconds: number): Promise<Map<string, number>> {
  const tracing = ['-loglevel', 'verbose', '-ss', String(fromSeconds), '-i', path, '-map', '0:v:0', '-c', 'copy'];
  const fields = new Map<string, number>();
  await runFfmpeg([...tracing, '-bsf:v', 'trace_headers', '-frames:v', '1', '-f', 'null', '-'], run, {
    onStderrLine: (line) => {
      const found = /\] \d+\s+(\S+)\s+[01]+ = (-?\d+)\s*$/.exec(line);
      if (found?.[1] && !fields.has(found[1])) fields.set(found[1], Number(found[2]));
    },
  });
  return fields;
}

test('H.264 carries mastering display and light levels of the source in every chunk', async () => {
  const order = { presetId: 'h264-720p', chunkSeconds: 2, verify: 'full', folder: join(folder, 'out') } as const;
  const { manifest, outputPath } = await renderLocally(source, order, run);
  expect(manifest.chunks).toHaveLength(2);
  for (const chunkStart of [0, 2]) {
    const fields = await headerFields(outputPath, chunkStart);
    expect(Object.fromEntries(fields)).toMatchObject({
      'display_primaries_x[0]': 13250,
      'display_primaries_y[0]': 34500,
      'display_primaries_x[1]': 7500,
      'display_primaries_y[2]': 16000,
      white_point_x: 15635,
      max_display_mastering_luminance: 10_000_000,
      min_display_mastering_luminance: 50,
      max_content_light_level: 1000,
      max_pic_average_light_level: 400,
    });
  }
  const told = manifest.fates.filter(({ label }) => label.startsWith('HDR10'));
  expect(told.map(({ fate }) => fate)).toEqual(['kept']);
});

test('HEVC carries them too', async () => {
  const folderOfHevc = join(folder, 'hevc');
  const order = { presetId: 'hevc-2160p', chunkSeconds: 2, verify: 'seams', folder: folderOfHevc } as const;
  const { manifest, outputPath } = await renderLocally(source, order, run);
  expect(manifest.chunks).toHaveLength(2);
  for (const chunkStart of ['0', '2.5']) {
    const shown = ['-read_intervals', `${chunkStart}%+#1`, '-show_frames', '-select_streams', 'v', '-of', 'json'];
    const { frames } = JSON.parse((await runFfprobe([...shown, outputPath], run)).stdout);
    expect(JSON.stringify(frames[0].side_data_list)).toContain('"max_luminance":"10000000/10000"');
    expect(JSON.stringify(frames[0].side_data_list)).toContain('"max_content":1000');
  }
  expect(manifest.fates.find(({ label }) => label.startsWith('HDR10'))?.fate).toBe('kept');
});

test('a codec without a place for it says so', async () => {
  const order = {
    presetId: 'ffv1-archive',
    chunkSeconds: 2,
    verify: 'seams',
    folder: join(folder, 'archive'),
  } as const;
  const { manifest } = await renderLocally(source, order, run);
  expect(manifest.warnings.join()).toContain(
    'METADATA_DROPPED: HDR10 mastering display and light levels: ffv1 has no place',
  );
});
