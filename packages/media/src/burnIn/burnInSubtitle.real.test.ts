import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resourcesFolder } from '../process/resourcesFolder.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { burnedFrames, referenceFrames } from '../testing/burnedFrames.ts';
import { planLocally, renderLocally } from '../testing/renderLocally.ts';
import { srtText } from '../testing/richSource.ts';
import { testRun } from '../testing/testRun.ts';

const run = testRun();
const framesPerSecond = 25;
const seconds = 4;
/** The second line stands across the cut at 2 s. */
const lines = [
  { startMs: 480, endMs: 1000, text: 'Über die Brücke' },
  { startMs: 1800, endMs: 2600, text: 'across the seam, [it] isn’t; so: what?' },
];
const styled = `[Script Info]
ScriptType: v4.00+
PlayResX: 320
PlayResY: 180

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Alignment
Style: Default,DejaVu Sans,14,&H0000FFFF,8

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.48,0:00:01.00,Default,,0,0,0,,{\\i1}first{\\i0}
Dialogue: 0,0:00:01.80,0:00:02.60,Default,,0,0,0,,{\\pos(40,60)}second
`;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-subtitle-'));
  await writeFile(join(folder, 'lines.srt'), srtText(lines));
  await writeFile(join(folder, 'lines.ass'), styled);
  await writeFile(
    join(folder, 'fonts.conf'),
    `<fontconfig><dir>${join(resourcesFolder(), 'fonts')}</dir></fontconfig>`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function make(name: string, text: string, output: readonly string[]): Promise<string> {
  const path = join(folder, name);
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=${framesPerSecond}:duration=${seconds}`];
  const encode = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    '20',
    '-pix_fmt',
    'yuv420p',
    '-map',
    '0:v',
    '-map',
    '1:s',
  ];
  await runFfmpeg([...picture, '-i', join(folder, text), ...encode, ...output, '-y', path], run);
  return path;
}

const plainLook = 'force_style=FontName=DejaVu Sans\\,FontSize=15.8\\,PrimaryColour=&H00ffffff';
const shown = (frame: number) => lines.some(({ startMs, endMs }) => frame * 40 >= startMs && frame * 40 < endMs);

test.each([
  ['mov_text in mp4', 'text.mp4', 'lines.srt', ['-c:s', 'mov_text']],
  ['SRT in Matroska that starts at 10 s', 'late.mkv', 'lines.srt', ['-c:s', 'subrip', '-output_ts_offset', '10']],
  ['WebVTT in Matroska', 'web.mkv', 'lines.srt', ['-c:s', 'webvtt']],
  ['ASS with places and colours', 'styled.mkv', 'lines.ass', ['-c:s', 'copy']],
] as const)('%s: each chunk shows the right text, at the right frames', async (_, name, text, output) => {
  const path = await make(name, text, output);
  const order = { settings: { subtitle: 'default' }, folder };
  const { manifest, hashes } = await burnedFrames(path, { ...order, chunkSeconds: 2 }, run);
  expect(manifest.chunks.length).toBe(2);
  const environment = { FONTCONFIG_FILE: join(folder, 'fonts.conf') };
  const look = text === 'lines.ass' ? '' : `:${plainLook}`;
  const filters = `subtitles=${join(folder, text)}${look}`;
  expect(hashes).toEqual(await referenceFrames(path, filters, { environment, run }));
  const bare = await referenceFrames(path, '', { run });
  expect(hashes.map((hash, at) => hash !== bare[at])).toEqual(bare.map((_, at) => shown(at)));
});

test('the drawn track leaves the list of tracks, and the output says what became of it', async () => {
  const path = await make('two.mkv', 'lines.srt', ['-c:s', 'subrip', '-metadata:s:s:0', 'language=ger']);
  const order = { presetId: 'h264-360p', settings: { subtitle: 'ger', timecode: 'top' }, chunkSeconds: 2 } as const;
  const { manifest, report } = await renderLocally(
    path,
    { ...order, verify: 'full', folder: join(folder, 'two') },
    run,
  );
  expect(report.frames).toBe(seconds * framesPerSecond);
  expect(manifest.side.subtitles).toEqual([]);
  const fate = manifest.fates.find(({ kind }) => kind === 'subtitle');
  expect(fate).toMatchObject({ fate: 'converted', note: 'drawn into the picture' });
  const wrong = { ...order, settings: { subtitle: 'fra' }, verify: 'seams', folder } as const;
  await expect(planLocally(path, wrong, run)).rejects.toMatchObject({
    code: 'PRESET_UNSUITABLE',
    message: expect.stringContaining('1: subrip ger'),
  });
});

test.each(['empty.mkv', 'empty.mp4'])('a track without lines draws none: %s', async (name) => {
  await writeFile(join(folder, 'later.srt'), srtText([{ startMs: 9000, endMs: 9900, text: 'after the end' }]));
  const path = await make(name, 'later.srt', ['-t', '1', ...(name.endsWith('mp4') ? ['-c:s', 'mov_text'] : [])]);
  const { hashes } = await burnedFrames(path, { settings: { subtitle: 'default' }, chunkSeconds: 60, folder }, run);
  expect(hashes).toEqual(await referenceFrames(path, '', { run }));
});

test('a character that no font has is refused, never drawn as an empty box', async () => {
  await writeFile(join(folder, 'rare.srt'), srtText([{ startMs: 0, endMs: 900, text: '中' }]));
  const path = await make('rare.mkv', 'rare.srt', ['-c:s', 'subrip']);
  const burned = burnedFrames(path, { settings: { subtitle: '1' }, chunkSeconds: 60, folder }, run);
  await expect(burned).rejects.toMatchObject({ code: 'FONT_MISSING', message: expect.stringContaining('U+4E2D') });
});
