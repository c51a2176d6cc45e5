import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BugError } from '@reelmill/protocol';
import type { FilmManifest } from '../manifest.ts';
import { readsSource } from '../plan/sidePlan.ts';
import { readLimits } from '../probe/readLimits.ts';
import { defaultLauncher } from '../process/defaultLauncher.ts';
import { memoryLimited } from '../process/memoryLimit.ts';
import { inputGuardArgs, runFfmpeg, runFfprobe } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { muxers } from './containers.ts';
import { ffmetadata } from './ffmetadata.ts';

/** What the join adds to picture and sound, as small files of our own making. */
export interface SideFiles {
  /** All subtitle tracks, in their final form, on the source's clock; `startSeconds` is what FFmpeg takes for the start. */
  readonly subtitles: { readonly path: string; readonly startSeconds: number } | null;
  /** Tags and chapters, as FFmpeg's metadata file. */
  readonly metadataPath: string | null;
  readonly attachmentPaths: readonly string[];
  readonly coverPaths: readonly string[];
  /** Sentences for people about what could not be read. */
  readonly warnings: readonly string[];
}

/**
 * Takes subtitles, attachments and covers out of the source into `folder`, and writes tags and chapters beside them.
 * @throws FarmError DECODE_FAILED, DISK_FULL, CANCELED
 */
export async function extractSide(
  manifest: FilmManifest,
  files: { readonly sourcePath: string | null; readonly folder: string; onSeconds(done: number | null): void },
  run: RunOptions,
): Promise<SideFiles> {
  const { side } = manifest;
  const metadata = ffmetadata(side);
  const metadataPath = metadata === null ? null : join(files.folder, 'side.ffmetadata');
  if (metadata !== null && metadataPath !== null) await writeFile(metadataPath, metadata);
  if (!readsSource(side)) return { subtitles: null, metadataPath, attachmentPaths: [], coverPaths: [], warnings: [] };
  if (files.sourcePath === null) throw new BugError('this join needs the source');
  const paths: SidePaths = {
    subtitles: join(files.folder, `side-subtitles.${manifest.container}`),
    attachments: side.attachments.map((_, at) => join(files.folder, `side-attachment-${at}`)),
    covers: side.covers.map(({ extension }, at) => join(files.folder, `side-cover-${at}.${extension}`)),
  };
  const finished = await runFfmpeg(sideArgs(manifest, files.sourcePath, paths), bounded(run), {
    failureCode: 'DECODE_FAILED',
    onProgress: ({ outTimeSeconds }) => files.onSeconds(outTimeSeconds),
  });
  const isDamaged = side.subtitles.length > 0 && finished.log.trim() !== '';
  return {
    subtitles: side.subtitles.length === 0 ? null : await measured(paths.subtitles, run),
    metadataPath,
    attachmentPaths: paths.attachments,
    coverPaths: paths.covers,
    warnings: isDamaged ? ['SUBTITLES_DAMAGED: some lines of the subtitles could not be read.'] : [],
  };
}

/** The source is read again, by nobody's leave: in as much memory as when it was looked at first. */
const bounded = (run: RunOptions): RunOptions => ({
  ...run,
  launcher: memoryLimited(run.launcher ?? defaultLauncher(), readLimits.memoryBytes),
});

interface SidePaths {
  readonly subtitles: string;
  readonly attachments: readonly string[];
  readonly covers: readonly string[];
}

/** One pass over the source, on its own clock: a muxer would move times before 0. */
function sideArgs(manifest: FilmManifest, sourcePath: string, paths: SidePaths): string[] {
  const { side } = manifest;
  const dumps = side.attachments.flatMap(({ index }, at) => [
    `-dump_attachment:${index}`,
    `file:${paths.attachments[at]}`,
  ]);
  const subtitleMaps = side.subtitles.flatMap(({ streamIndex }) => ['-map', `0:${streamIndex}`]);
  const encoders = side.subtitles.flatMap(({ encoder }, at) => [`-c:s:${at}`, encoder]);
  const plain = ['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact', '-flags', '+bitexact'];
  const subtitles =
    side.subtitles.length === 0
      ? []
      : [
          ...[...subtitleMaps, ...encoders, ...plain],
          ...['-f', muxers[manifest.container], '-y', `file:${paths.subtitles}`],
        ];
  const covers = side.covers.flatMap(({ streamIndex }, at) => [
    ...['-map', `0:${streamIndex}`, '-c', 'copy', '-frames:v', '1', ...plain],
    ...['-f', 'image2', '-update', '1', '-y', `file:${paths.covers[at]}`],
  ]);
  // dumping needs some output
  const nothing =
    subtitles.length + covers.length > 0
      ? []
      : ['-map', `0:${manifest.video.streamIndex}`, '-c', 'copy', '-t', '0', '-f', 'null', '-'];
  return [
    ...['-y', '-copyts', '-max_error_rate', '1', ...dumps],
    ...[...inputGuardArgs(manifest.demuxer), '-i', `file:${sourcePath}`, ...subtitles, ...covers, ...nothing],
  ];
}

/** FFmpeg moves what it takes for an input's start to 0: the join moves it back. */
async function measured(path: string, run: RunOptions): Promise<{ path: string; startSeconds: number }> {
  const args = ['-show_entries', 'format=start_time', '-of', 'csv=p=0', `file:${path}`];
  const start = Number.parseFloat((await runFfprobe(args, run)).stdout);
  return { path, startSeconds: Number.isFinite(start) ? start : 0 };
}
