import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageKind } from '@reelmill/protocol';
import type { Chapter } from '../probe/sourceExtras.ts';
import type { RunOptions } from '../process/tools.ts';
import { assertSameCues } from './packageSubtitles.ts';
import { type Cue, escapedText, webVttFile } from './webVtt.ts';

/** For `<track kind="chapters">` and for players that are given such a file. */
export const chaptersFileName = 'chapters.vtt';
/** Named by the playlist of HLS. */
export const appleChaptersFileName = 'chapters.json';

/** Titles of chapters name no language (BCP 47). */
const noLanguage = 'und';

export interface ChapterOrder {
  readonly kind: PackageKind;
  /** Of the first rendition, on its clock. */
  readonly chapters: readonly Chapter[];
  readonly folder: string;
}

/**
 * Writes the chapters of a film as files beside the tracks; of a film without chapters, none.
 * @returns the file for the playlist of HLS, null where there is none
 * @throws FarmError VERIFY_FAILED where FFmpeg reads other chapters than were written; DISK_FULL, CANCELED
 */
export async function packageChapters(
  { kind, chapters, folder }: ChapterOrder,
  run: RunOptions,
): Promise<string | null> {
  if (chapters.length === 0) return null;
  const path = join(folder, chaptersFileName);
  const cues = chapterCues(chapters);
  await writeFile(path, webVttFile(cues), { flag: 'wx' });
  await assertSameCues(path, cues, run);
  if (kind === 'dash') return null;
  await writeFile(join(folder, appleChaptersFileName), appleChapters(chapters), { flag: 'wx' });
  return appleChaptersFileName;
}

/** Pure. */
export const chapterCues = (chapters: readonly Chapter[]): Cue[] =>
  chapters.map((chapter, at) => ({
    startMs: Math.round(1000 * chapter.startSeconds),
    endMs: Math.round(1000 * chapter.endSeconds),
    text: escapedText(titleOf(chapter, at)),
  }));

/** Chapters as `com.apple.hls.chapters` has them (Apple, "Providing JavaScript Object Notation chapters"). Pure. */
export function appleChapters(chapters: readonly Chapter[]): string {
  const entries = chapters.map((chapter, at) => ({
    chapter: at + 1,
    'start-time': chapter.startSeconds,
    duration: Number((chapter.endSeconds - chapter.startSeconds).toFixed(3)),
    titles: [{ language: noLanguage, title: titleOf(chapter, at) }],
  }));
  return `${JSON.stringify(entries, null, 2)}\n`;
}

/** One line: an empty one would end a cue. */
const titleOf = ({ title }: Chapter, at: number): string =>
  title?.replaceAll(/\p{Cc}+/gu, ' ').trim() || `Chapter ${at + 1}`;
