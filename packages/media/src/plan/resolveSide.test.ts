import { describe, expect, test } from 'vitest';
import { ffmetadata } from '../assemble/ffmetadata.ts';
import { noExtras, noLabels, type SourceExtras } from '../probe/sourceExtras.ts';
import { plainInfo } from '../testing/plannedFrames.ts';
import { heldLabels, holdsTimecode } from './containerLimits.ts';
import { resolveSide } from './resolveSide.ts';
import { dropWarnings } from './trackFates.ts';

const resolve = (extras: Partial<SourceExtras>, container: 'mp4' | 'mov' | 'mkv', zeroSeconds = 0) => {
  const info = { ...plainInfo, extras: { ...noExtras, ...extras } };
  return resolveSide({ info, container, zeroSeconds, durationSeconds: 10, steadyRate: 25 });
};
const subtitle = (index: number, codec: string) => ({ index, codec, labels: noLabels });

test('a source with nothing beside picture and sound has an empty plan and no fates', () => {
  const { side, fates } = resolve({}, 'mp4');
  expect(side).toMatchObject({ subtitles: [], chapters: [], attachments: [], covers: [], timecode: null, tags: {} });
  expect(fates).toEqual([]);
});

test.each([
  ['subrip', 'mkv', 'copy'],
  ['ass', 'mkv', 'copy'],
  ['mov_text', 'mkv', 'subrip'],
  ['hdmv_pgs_subtitle', 'mkv', 'copy'],
  ['mov_text', 'mp4', 'copy'],
  ['ass', 'mp4', 'mov_text'],
  ['subrip', 'mov', 'mov_text'],
  ['hdmv_pgs_subtitle', 'mp4', undefined],
  ['dvb_teletext', 'mkv', undefined],
] as const)('%s in %s: %s', (codec, container, encoder) => {
  const { side, fates } = resolve({ subtitles: [subtitle(3, codec)] }, container);
  expect(side.subtitles[0]?.encoder).toBe(encoder);
  expect(fates).toHaveLength(1);
  expect(fates[0]).toMatchObject({ stream: 3, kind: 'subtitle' });
  expect(fates[0]?.fate === 'dropped').toBe(encoder === undefined);
});

test('chapters move with the picture, and one outside of it is told', () => {
  const chapter = (startSeconds: number, endSeconds: number) => ({ startSeconds, endSeconds, title: null });
  const { side, fates } = resolve({ chapters: [chapter(8, 9.5), chapter(9.5, 12), chapter(25, 26)] }, 'mp4', 9);
  expect(side.chapters).toEqual([chapter(0, 0.5), chapter(0.5, 3)]);
  expect(fates.map(({ label, fate }) => [label, fate])).toEqual([
    ['2 chapters', 'kept'],
    ['1 chapters', 'dropped'],
  ]);
});

describe('labels', () => {
  const labels = (language: string) => ({ ...noLabels, language, dispositions: ['default', 'original'] as const });
  const held = (language: string, container: 'mp4' | 'mov' | 'mkv') =>
    heldLabels({ ...labels(language), dispositions: [...labels(language).dispositions] }, container);

  test('are kept by Matroska as they are', () => {
    expect(held('pt-BR', 'mkv')).toMatchObject({ labels: { language: 'pt-BR' }, lost: [] });
  });

  test('are kept by mp4 and mov as far as their tables go', () => {
    expect(held('hrv', 'mp4')).toMatchObject({ labels: { language: 'hrv' }, lost: ['mark original'] });
    expect(held('hrv', 'mov').lost).toEqual(['language hrv', 'mark original']);
    expect(held('deu', 'mov').labels).toMatchObject({ language: 'ger', dispositions: ['default'] });
  });
});

test.each([
  ['01:00:00:00', 25, true],
  ['01:00:00:00', 30000 / 1001, true],
  ['01:00:00;00', 30000 / 1001, true],
  ['01:00:00;00', 30, false],
  ['01:00:00;00', 25, false],
  ['01:00:00:00', 12.5, false],
  ['01:00:00:00', null, false],
])('timecode %s at %s frames a second: %s', (timecode, rate, isHeld) => {
  expect(holdsTimecode(timecode, rate, 'mp4')).toBe(isHeld);
});

test('a warning stays short, whatever a file holds', () => {
  const attachments = Array.from({ length: 500 }, (_, index) => ({
    index,
    fileName: 'x'.repeat(3000),
    mimeType: 'font/ttf',
  }));
  const { fates, side } = resolve({ attachments }, 'mkv');
  expect(side.attachments).toHaveLength(128);
  expect(fates).toHaveLength(500);
  const [warning] = dropWarnings(fates);
  expect(warning).toMatch(/^ATTACHMENTS_DROPPED: .*; and 364 more\.$/);
  expect(warning?.length).toBeLessThan(2000);
});

test('no tag can start a line of the metadata file', () => {
  const text = ffmetadata({ tags: { 'a=b': 'x\n[CHAPTER]\n;#\\' }, chapters: [] });
  expect(text).toBe(';FFMETADATA1\na\\=b=x\\\n[CHAPTER]\\\n\\;\\#\\\\\n');
  expect(ffmetadata({ tags: {}, chapters: [] })).toBeNull();
});
