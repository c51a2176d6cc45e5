import { assertNever, BugError } from '@reelmill/protocol';
import { assembleRendition } from './assemble/assembleRendition.ts';
import { encodeAudio } from './audio/encodeAudio.ts';
import { soundTracks } from './audio/soundTracks.ts';
import { encodeChunk, encodeSharedChunk } from './encode/encodeChunk.ts';
import type { FarmSpec } from './farmSpec.ts';
import type { AudioReport, EncodeReport, JoinReport, JoinSpec, SharedEncodeReport } from './manifest.ts';
import type { RunOptions } from './process/tools.ts';
import { runExtract } from './still/runExtract.ts';
import type { ExtractReport } from './still/stillManifest.ts';
import { partExtension } from './still/stillTasks.ts';
import { verifyRendition } from './verify/verifyRendition.ts';

export interface FarmTaskFiles {
  /** The leased source, in place or fetched; null for tasks that need none (most joins). */
  readonly sourcePath: string | null;
  /** Fetched inputs by name: `seg_0000`… and, of `soundTracks`, `audio`… for a join. */
  readonly inputs: Readonly<Record<string, string>>;
  /** One, or one per part of a shared encode. */
  readonly outputPaths: readonly string[];
  readonly onProgress?: (progress: { readonly framesDone: number; readonly fps: number }) => void;
  /** The encoder of a chunk has ended; its checks follow. */
  readonly onEncoded?: () => void;
}

/** Name of a segment among the inputs of a join, and in the object store. */
export function segmentName(chunkIndex: number): string {
  return `seg_${String(chunkIndex).padStart(4, '0')}`;
}

/**
 * Runs one farm task of any kind to its end: what an agent calls for a leased spec.
 * @throws FarmError as `encodeChunk`, `encodeAudio`, `assembleRendition`, `verifyRendition` and `runExtract` do.
 */
export async function runFarmSpec(
  spec: FarmSpec,
  files: FarmTaskFiles,
  run: RunOptions,
): Promise<{ report: EncodeReport | SharedEncodeReport | AudioReport | JoinReport | ExtractReport }> {
  const { onEncoded, outputPaths } = files;
  const onProgress = ({ frames, fps }: { frames: number; fps: number }) =>
    files.onProgress?.({ framesDone: frames, fps });
  switch (spec.kind) {
    case 'encode':
      return { report: await encodeChunk(spec, { ...sourced(files), onProgress, onEncoded }, run) };
    case 'shared-encode':
      return { report: await encodeSharedChunk(spec, { ...sourced(files), outputPaths, onProgress, onEncoded }, run) };
    case 'audio':
      // sound has no frames: hundredths of a second stand in, so that a number moves (decision 25)
      return {
        report: await encodeAudio(
          spec,
          {
            ...sourced(files),
            onProgress: ({ seconds }) => files.onProgress?.({ framesDone: Math.floor(seconds * 100), fps: 0 }),
          },
          run,
        ),
      };
    case 'join':
      return { report: await runJoin(spec, files, run) };
    case 'extract':
      return { report: await runExtract(spec, { ...sourced(files), onProgress, onEncoded }, run) };
    default:
      return assertNever(spec);
  }
}

function sourced(files: FarmTaskFiles): { sourcePath: string; outputPath: string } {
  if (files.sourcePath === null) throw new BugError('this task needs a source');
  return { sourcePath: files.sourcePath, outputPath: outputOf(files) };
}

function outputOf({ outputPaths: [outputPath] }: FarmTaskFiles): string {
  if (outputPath === undefined) throw new BugError('a task without an output');
  return outputPath;
}

/** Extensions of the files a task makes, in the order of `outputPaths`. */
export function outputExtensions(spec: FarmSpec): string[] {
  switch (spec.kind) {
    case 'encode':
      return [spec.video.chunkContainer];
    case 'shared-encode':
      return spec.parts.map(({ video }) => video.chunkContainer);
    case 'audio':
      return [spec.audio.container];
    case 'join':
      return [spec.manifest.container];
    case 'extract':
      return [partExtension(spec.output)];
    default:
      return assertNever(spec);
  }
}

/** The join and its proof are one task: an unproven file is never uploaded. */
async function runJoin({ manifest, sounds }: JoinSpec, files: FarmTaskFiles, run: RunOptions): Promise<JoinReport> {
  const { sourcePath } = files;
  const outputPath = outputOf(files);
  const segmentPaths = manifest.chunks.map(({ index }) => input(files, segmentName(index)));
  const audioPaths = soundTracks(manifest).map(({ name }) => input(files, name));
  const report = (percent: number) =>
    files.onProgress?.({ framesDone: Math.floor(((manifest.frames || 1000) * percent) / 100), fps: 0 });
  const onJoin = (done: number) => report(done / 2);
  const assembly = { segmentPaths, audioPaths, sounds, sourcePath, outputPath, onProgress: onJoin };
  const { warnings } = await assembleRendition(manifest, assembly, run);
  const onProgress = (done: number) => report(50 + done / 2);
  const proof = await verifyRendition(manifest, { outputPath, sounds, onProgress }, run);
  return { ...proof, warnings: [...warnings, ...proof.warnings] };
}

function input(files: FarmTaskFiles, name: string): string {
  const path = files.inputs[name];
  if (path === undefined) throw new BugError(`the join lacks its input ${name}`);
  return path;
}
