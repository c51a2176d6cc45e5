// Used by tests only.
import type { FfmpegTools, RunOptions } from '../process/tools.ts';

const tools: FfmpegTools = {
  ffmpegPath: process.env.REELMILL_FFMPEG ?? 'ffmpeg',
  ffprobePath: process.env.REELMILL_FFPROBE ?? 'ffprobe',
  toolchain: { ffmpegVersion: 'test', buildHash: '0'.repeat(64), arch: process.arch, classId: 'test', encoders: [] },
};

/** What the media functions take to run processes; never aborted unless a signal is given. */
export function testRun(signal: AbortSignal = new AbortController().signal): RunOptions {
  return { tools, signal };
}
