import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../manifest.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { demuxers, muxerArgs } from './containers.ts';
import { ffmetadata } from './ffmetadata.ts';
import { movieTimescale } from './joinTimeline.ts';
import { inputGuard, metadataArgs, trackArgs } from './sideJoinArgs.ts';

export interface SoundAssembly {
  /** The file of the audio task. */
  readonly audioPath: string;
  /** An existing folder for small files. */
  readonly folder: string;
  readonly outputPath: string;
  readonly onSeconds: (seconds: number | null) => void;
}

/**
 * The output of a plan of sound alone: the packets of its audio task with tags, chapters and labels. The same inputs
 * give the same bytes.
 * @throws FarmError VERIFY_FAILED when FFmpeg fails, DISK_FULL, CANCELED
 */
export async function assembleSound(manifest: Manifest, files: SoundAssembly, run: RunOptions): Promise<void> {
  const metadata = ffmetadata(manifest.side);
  const metadataPath = metadata === null ? null : join(files.folder, 'side.ffmetadata');
  if (metadata !== null && metadataPath !== null) await writeFile(metadataPath, metadata);
  await runFfmpeg(soundJoinArgs(manifest, { ...files, metadataPath }), run, {
    onProgress: ({ outTimeSeconds }) => files.onSeconds(outTimeSeconds),
    failureCode: 'VERIFY_FAILED',
  });
}

function soundJoinArgs(manifest: Manifest, files: SoundAssembly & { readonly metadataPath: string | null }): string[] {
  const { container, audio, timeBase } = manifest;
  const { metadataPath } = files;
  const metadata =
    metadataPath === null ? [] : [...inputGuard('ffmetadata'), '-f', 'ffmetadata', '-i', `file:${metadataPath}`];
  const isMp4 = container === 'm4a';
  return [
    ...[...inputGuard(demuxers[container]), '-i', `file:${files.audioPath}`, ...metadata],
    ...['-map', '0:a:0', '-c', 'copy', ...metadataArgs(metadataPath === null ? null : 1)],
    ...(audio === null ? [] : trackArgs('a:0', audio.labels, container)),
    ...['-fflags', '+bitexact', '-flags', '+bitexact'],
    ...(isMp4 ? ['-movie_timescale', String(movieTimescale(timeBase)), '-movflags', '+faststart'] : []),
    ...[...muxerArgs(container), '-y', `file:${files.outputPath}`],
  ];
}
