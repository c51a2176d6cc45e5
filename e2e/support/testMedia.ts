import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestClip {
  readonly name: string;
  readonly path: string;
  readonly framesDecoded: number;
  readonly videoMd5: string;
  readonly hasAudio: boolean;
  readonly hasVideo: boolean;
}

export const testMediaFolder = process.env.REELMILL_TEST_MEDIA;

/** The real clips of `REELMILL_TEST_MEDIA` (clips.tsv); empty where that folder is not given. */
export function testClips(): TestClip[] {
  const table = testMediaFolder === undefined ? undefined : join(testMediaFolder, 'clips.tsv');
  if (table === undefined || !existsSync(table)) return [];
  const [header, ...rows] = readFileSync(table, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  const column = (row: string[], name: string): string => row[header?.indexOf(name) ?? -1] ?? '';
  return rows.map((row) => ({
    name: column(row, 'name'),
    path: join(testMediaFolder ?? '', 'clips', column(row, 'name')),
    framesDecoded: Number(column(row, 'frames_decoded')),
    videoMd5: column(row, 'video_md5'),
    hasAudio: /\ba:/.test(column(row, 'streams')),
    hasVideo: /\bv:(?!\w+\(cover\))/.test(column(row, 'streams')),
  }));
}
