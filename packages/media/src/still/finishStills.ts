import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BugError, type Sha256 } from '@reelmill/protocol';
import { type DeliveredFile, unpackImages } from './imageArchive.ts';
import { stillIndex } from './stillIndex.ts';
import type { StillManifest } from './stillManifest.ts';
import { imageName, imagesOf, isFolder } from './stillTasks.ts';

export interface FinishedStills {
  /** Of a folder: SHA-256 of the lines `{sha256}  {name}` of its files in order of their names, as `sha256sum` prints them. */
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** Files of the folder, the index last; none where the output is one file. */
  readonly files: readonly DeliveredFile[];
}

export interface FinishOptions {
  /** Every task's file, in order of the plan. */
  readonly partPaths: readonly string[];
  readonly outputPath: string;
  readonly signal: AbortSignal;
}

/**
 * Puts what the tasks made into the output: one file, or a folder of images with their index. Parts were checked where
 * they were made, and their hashes are the caller's matter.
 * @throws FarmError STORAGE_CORRUPT where an archive is not what the plan says
 */
export async function finishStills(
  manifest: StillManifest,
  { partPaths, outputPath, signal }: FinishOptions,
): Promise<FinishedStills> {
  await rm(outputPath, { recursive: true, force: true });
  const { output } = manifest;
  if (!isFolder(output)) return finishFile(partOf(partPaths, 0), outputPath);
  await mkdir(outputPath);
  const files: DeliveredFile[] = [];
  for (const [at, passage] of manifest.passages.entries()) {
    signal.throwIfAborted();
    const first = files.length + 1;
    const names = Array.from({ length: imagesOf(manifest, passage) }, (_, image) => imageName(output, first + image));
    files.push(...(await unpackImages(partOf(partPaths, at), names, outputPath)));
  }
  files.push(await writeIndex(manifest, outputPath));
  return { ...folderDigest(files), files };
}

async function finishFile(partPath: string, outputPath: string): Promise<FinishedStills> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const file = await open(outputPath, 'wx');
  try {
    for await (const bytes of createReadStream(partPath)) {
      hash.update(bytes as Buffer);
      sizeBytes += (bytes as Buffer).length;
      await file.appendFile(bytes as Buffer);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), sizeBytes, files: [] };
}

async function writeIndex(manifest: StillManifest, folder: string): Promise<DeliveredFile> {
  const { name, text } = stillIndex(manifest);
  const file = await open(join(folder, name), 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  const bytes = Buffer.from(text);
  return { name, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** One number for a folder: names and every byte are in it. */
function folderDigest(files: readonly DeliveredFile[]): { sha256: Sha256; sizeBytes: number } {
  const lines = files.map(({ name, sha256 }) => `${sha256}  ${name}\n`);
  return {
    sha256: createHash('sha256').update(lines.join('')).digest('hex'),
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
  };
}

function partOf(partPaths: readonly string[], at: number): string {
  const path = partPaths[at];
  if (path === undefined) throw new BugError(`part ${at} of the pictures is missing`);
  return path;
}
