import { readFile, stat, writeFile } from 'node:fs/promises';
import type { FfmpegTools } from '@reelmill/media';
import { Toolchain } from '@reelmill/protocol';
import { z } from 'zod';

export interface ToolsQuestion {
  readonly ffmpegPath: string | undefined;
  readonly ffprobePath: string | undefined;
  readonly cacheFile: string;
  readonly signal: AbortSignal;
}

export interface FoundTools {
  readonly tools: FfmpegTools;
  /** `remembered`: taken from the last run without starting FFmpeg; ask `resolveTools` once there is time. */
  readonly source: 'resolved' | 'remembered';
}

const Remembered = z.object({
  /** Everything that decides which programs are taken. */
  question: z.string(),
  /** Size and time of change of both programs. */
  files: z.string(),
  tools: z.object({ ffmpegPath: z.string(), ffprobePath: z.string(), toolchain: Toolchain }),
});

/**
 * FFmpeg as the last run found it while its files are the same, which spares three process starts before joining.
 * @throws FarmError FFMPEG_MISSING
 */
export async function findTools(question: ToolsQuestion): Promise<FoundTools> {
  const remembered = await recall(question);
  if (remembered !== null) return { tools: remembered, source: 'remembered' };
  return { tools: await resolveTools(question), source: 'resolved' };
}

/** Asks the programs themselves and remembers the answer. @throws FarmError FFMPEG_MISSING */
export async function resolveTools(question: ToolsQuestion): Promise<FfmpegTools> {
  const { resolveFfmpeg } = await import('@reelmill/media');
  const { ffmpegPath, ffprobePath, signal } = question;
  const tools = await resolveFfmpeg({ ffmpegPath, ffprobePath, signal });
  const files = await fileFacts(tools);
  if (files !== null) await writeFile(question.cacheFile, JSON.stringify({ question: textOf(question), files, tools }));
  return tools;
}

const textOf = ({ ffmpegPath, ffprobePath }: ToolsQuestion): string =>
  JSON.stringify([ffmpegPath, ffprobePath, process.env.PATH, process.env.REELMILL_RESOURCES, process.arch]);

async function recall(question: ToolsQuestion): Promise<FfmpegTools | null> {
  const text = await readFile(question.cacheFile, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const remembered = Remembered.parse(JSON.parse(text));
    const same = remembered.question === textOf(question) && remembered.files === (await fileFacts(remembered.tools));
    return same ? remembered.tools : null;
  } catch {
    // Cut off by a crash or written by another version: asked anew.
    return null;
  }
}

async function fileFacts(tools: FfmpegTools): Promise<string | null> {
  try {
    const facts = await Promise.all([tools.ffmpegPath, tools.ffprobePath].map((path) => stat(path, { bigint: true })));
    return facts.map(({ size, mtimeNs, ino }) => `${size} ${mtimeNs} ${ino}`).join('\n');
  } catch {
    // A bare program name is found by the system, not by path: nothing to compare, so it is asked each time.
    return null;
  }
}
