import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { type LocalRender, renderLocally } from '../testing/renderLocally.ts';
import {
  creationTime,
  filmChapters,
  filmTags,
  makeRichSource,
  plainLines,
  type ReadFile,
  type RichSource,
  readBack,
  readLines,
  type SubtitleLine,
  styledLines,
  timecode,
} from '../testing/richSource.ts';
import { testRun } from '../testing/testRun.ts';
import { firstShownSeconds, readPackets } from '../verify/readPackets.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-tracks-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sha256 = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

/** Both ways between Matroska and mp4, and into QuickTime. */
const ways = [
  { from: 'mkv', presetId: 'ffv1-archive', to: 'mkv' },
  { from: 'mkv', presetId: 'h264-720p', to: 'mp4' },
  { from: 'mkv', presetId: 'prores-proxy', to: 'mov' },
  { from: 'mp4', presetId: 'ffv1-archive', to: 'mkv' },
  { from: 'mp4', presetId: 'h264-720p', to: 'mp4' },
] as const;

describe.each(ways)('a film in $from with several tracks of every kind, as $presetId', ({ from, presetId, to }) => {
  let source: RichSource;
  let made: LocalRender;
  let found: ReadFile;
  const render = (name: string) => {
    const order = { presetId, chunkSeconds: 2, verify: 'full', folder: join(folder, `${from}-${name}`) } as const;
    return renderLocally(source.path, order, run);
  };
  beforeAll(async () => {
    source = await makeRichSource(folder, from, run);
    made = await render(presetId);
    found = await readBack(made.outputPath, run);
  });
  const streams = (type: string) => found.streams.filter(({ codec_type }) => codec_type === type);
  const titleOf = (tags: Readonly<Record<string, string>> = {}) => (to === 'mkv' ? tags.title : tags.handler_name);
  const fate = (kind: string) => made.manifest.fates.filter((one) => one.kind === kind);

  test('is cut, and every audio track is there with language, title, marks and its own start', async () => {
    expect(made.manifest.plan).toBe('chunked');
    const sounds = streams('audio');
    const german = to === 'mov' ? 'ger' : 'deu';
    expect(sounds.map(({ tags }) => tags?.language)).toEqual(['eng', 'fra', german]);
    // an mp4 source has no titles: its muxer does not write them
    if (from === 'mkv') expect(sounds.map(({ tags }) => titleOf(tags))).toEqual(['Main', 'Commentaire', 'Deutsch']);
    expect(sounds.map(({ disposition }) => disposition.default)).toEqual([1, 0, 0]);
    if (to !== 'mov') expect(sounds.map(({ disposition }) => disposition.comment)).toEqual([0, 1, 0]);
    expect(sounds.map(({ channels }) => channels)).toEqual(to === 'mp4' ? [1, 2, 1] : [1, 6, 1]);
    const packets = await readPackets(made.outputPath, run);
    const starts = packets.filter(({ codecType }) => codecType === 'audio').map((one) => firstShownSeconds(one) ?? -1);
    const picture = firstShownSeconds(packets.find(({ codecType }) => codecType === 'video') ?? streamless) ?? -1;
    const offsets = starts.map((start) => start - picture);
    for (const [at, expected] of [0, 0, 0.25].entries()) {
      expect(Math.abs((offsets[at] ?? -1) - expected)).toBeLessThanOrEqual(0.001);
    }
  });

  test('has every line of both subtitle tracks at its time', async () => {
    const expectLines = async (track: number, expected: readonly SubtitleLine[]) => {
      const lines = await readLines(made.outputPath, track, run);
      expect(lines.map(({ text }) => text)).toEqual(expected.map(({ text }) => text));
      for (const [at, line] of lines.entries()) {
        expect(Math.abs(line.startMs - (expected[at]?.startMs ?? -1))).toBeLessThanOrEqual(1);
        expect(Math.abs(line.endMs - (expected[at]?.endMs ?? -1))).toBeLessThanOrEqual(1);
      }
    };
    await expectLines(0, plainLines);
    await expectLines(1, styledLines);
    const subtitles = streams('subtitle');
    expect(subtitles.map(({ tags }) => tags?.language)).toEqual(['eng', to === 'mov' ? 'ger' : 'deu']);
    const codecs = to !== 'mkv' ? ['mov_text', 'mov_text'] : from === 'mkv' ? ['subrip', 'ass'] : ['subrip', 'subrip'];
    expect(subtitles.map(({ codec_name }) => codec_name)).toEqual(codecs);
    if (to === 'mov') return;
    expect(subtitles.map(({ disposition }) => disposition.forced)).toEqual([1, 0]);
    expect(subtitles.map(({ disposition }) => disposition.hearing_impaired)).toEqual([0, 1]);
  });

  test('has the chapters, the tags, the creation date and the timecode', () => {
    expect(found.chapters).toEqual(filmChapters);
    expect(found.tags).toMatchObject({ title: filmTags.title, artist: filmTags.artist, creation_time: creationTime });
    expect(found.tags.firmware).toBe(to === 'mkv' && from === 'mkv' ? filmTags.firmware : undefined);
    const [picture] = streams('video');
    expect(picture?.tags?.language).toBe('ita');
    expect(picture?.tags?.timecode ?? picture?.tags?.TIMECODE).toBe(timecode);
  });

  test('has the attachments and the cover byte for byte, where the container holds them', async () => {
    if (to === 'mkv' && from === 'mkv') {
      const [font] = streams('attachment');
      expect(font?.tags).toMatchObject({ filename: 'Some Font.ttf', mimetype: 'font/ttf' });
      const copy = join(folder, `${from}-${to}.ttf`);
      const dump = [`-dump_attachment:${font?.index}`, copy, '-y', '-i', made.outputPath];
      await runFfmpeg([...dump, '-map', '0:v:0', '-c', 'copy', '-t', '0', '-f', 'null', '-'], run);
      expect(await sha256(copy)).toBe(await sha256(source.fontPath));
    } else {
      expect(streams('attachment')).toEqual([]);
      expect(fate('attachment').map((one) => one.fate)).toEqual(from === 'mkv' ? ['dropped'] : []);
    }
    const cover = found.streams.find(({ disposition }) => disposition.attached_pic === 1);
    expect(fate('cover').map((one) => one.fate)).toEqual([to === 'mov' ? 'dropped' : 'kept']);
    if (to === 'mov') return;
    const copy = join(folder, `${from}-${to}.png`);
    await runFfmpeg(
      ['-i', made.outputPath, '-map', `0:${cover?.index}`, '-c', 'copy', '-f', 'image2', '-update', '1', '-y', copy],
      run,
    );
    expect(await sha256(copy)).toBe(await sha256(source.coverPath));
  });

  test('says of everything in the source what became of it, and warns of what is dropped', () => {
    const told = made.manifest.fates.flatMap(({ stream }) => stream ?? []);
    expect(fate('audio')).toHaveLength(3);
    expect(fate('subtitle')).toHaveLength(2);
    expect(new Set(told).size).toBe(told.length);
    for (const { kind, fate } of made.manifest.fates) {
      if (fate !== 'dropped') continue;
      const code = { attachment: 'ATTACHMENTS', cover: 'COVER', metadata: 'METADATA' }[kind as string];
      expect(made.manifest.warnings.join('\n')).toContain(`${code}_DROPPED: `);
    }
  });

  test('has the same bytes when it is rendered again', async () => {
    expect(await sha256((await render(`${presetId}-again`)).outputPath)).toBe(await sha256(made.outputPath));
  });
});

const streamless = {
  codecType: '',
  codec: '',
  timeBase: { num: 1, den: 1 },
  pts: [],
  dts: [],
  durations: [],
  shown: [],
};
