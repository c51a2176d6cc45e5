// Used by tests only: pictures with text drawn into them, as they are before a lossy encoder sees them.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeChunk } from '../encode/encodeChunk.ts';
import type { EncodeSpec, Manifest } from '../manifest.ts';
import { manifestTasks } from '../plan/manifestTasks.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { planLocally } from './renderLocally.ts';

export interface BurnOrder {
  readonly settings: Readonly<Record<string, string>>;
  readonly chunkSeconds: number;
  /** Existing. */
  readonly folder: string;
}

/** The plan of `h264-720p`, with the encoder changed to a lossless one: everything before it stays. */
const lossless = (spec: EncodeSpec): EncodeSpec => ({
  ...spec,
  video: { ...spec.video, encoder: 'ffv1', encoderArgs: ['-level', '3'], chunkContainer: 'mkv' },
});

/** Hashes of all frames of all chunks, in order, and the plan they come from. */
export async function burnedFrames(
  sourcePath: string,
  { settings, chunkSeconds, folder }: BurnOrder,
  run: RunOptions,
): Promise<{ readonly manifest: Manifest; readonly hashes: string[] }> {
  const order = { presetId: 'h264-720p', settings, chunkSeconds, verify: 'seams', folder } as const;
  const manifest = await planLocally(sourcePath, order, run);
  const chunks = join(folder, `chunks-${chunkSeconds}`);
  await mkdir(chunks, { recursive: true });
  const hashes: string[] = [];
  for (const { spec } of manifestTasks(manifest).encode) {
    const outputPath = join(chunks, `${spec.chunk.index}.mkv`);
    await encodeChunk(lossless(spec), { sourcePath, outputPath }, run);
    hashes.push(...(await hashesOf(['-i', `file:${outputPath}`], { run })));
  }
  return { manifest, hashes };
}

/** The same by FFmpeg alone, on the whole film from its first frame on, with filters given as text. */
export async function referenceFrames(
  sourcePath: string,
  filters: string,
  { environment, run }: { environment?: Record<string, string>; run: RunOptions },
): Promise<string[]> {
  const graph = ['setpts=PTS-STARTPTS', ...(filters === '' ? [] : [filters])].join(',');
  return hashesOf(['-i', `file:${sourcePath}`, '-map', '0:v:0', '-vf', graph], { environment, run });
}

/** MD5 of every frame, by one process. */
async function hashesOf(
  args: readonly string[],
  { environment, run }: { environment?: Record<string, string> | undefined; run: RunOptions },
): Promise<string[]> {
  const hashes: string[] = [];
  const onStdoutLine = (line: string) => {
    if (!line.startsWith('#')) hashes.push(line.slice(line.lastIndexOf(',') + 1).trim());
  };
  await runFfmpeg([...args, '-fps_mode', 'passthrough', '-f', 'framemd5', 'pipe:1'], run, {
    onStdoutLine,
    environment,
  });
  return hashes;
}
