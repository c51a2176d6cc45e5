import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { FarmError, type JobView, type OutputFiles, packageOutputId, type Sha256 } from '@reelmill/protocol';
import type { FileAnswer } from '@reelmill/storage';
import { insideFolder } from './staticFiles.ts';

/** Published: one file, or a folder of them (pictures, packages). */
export interface Published {
  readonly path: string;
  /** Of a file; a folder's is that of the list of its files. */
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

const mimeTypes: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.m4s': 'video/iso.segment',
  '.m4a': 'audio/mp4',
  '.mov': 'video/quicktime',
  '.mkv': 'video/x-matroska',
  '.webm': 'video/webm',
  '.flac': 'audio/flac',
  '.wav': 'audio/wav',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.vtt': 'text/vtt; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.mpd': 'application/dash+xml',
};

/** What of a job carries that name: a rendition, or the package. @throws FarmError NOT_FOUND */
export function publishedOf(job: JobView, output: string): Published {
  const found = output === packageOutputId ? job.package : job.outputs.find(({ rendition }) => rendition === output);
  if (found !== null && found !== undefined) return found;
  const known = job.outputs.map(({ rendition }) => rendition).join(', ');
  const message = `Job ${job.jobId} has published no output ${output}${known === '' ? ' yet' : `, only ${known}`}.`;
  throw new FarmError('NOT_FOUND', { message });
}

/** Files of a folder, sorted by name; null for an output that is one file. @throws FarmError OUTPUT_CHANGED */
export async function filesOf({ path }: Published): Promise<OutputFiles | null> {
  if (!(await statOf(path)).isDirectory()) return null;
  const names = (await readdir(path)).sort();
  return {
    files: await Promise.all(names.map(async (name) => ({ name, sizeBytes: (await stat(join(path, name))).size }))),
  };
}

export interface OpenOutput {
  readonly handle: FileHandle;
  readonly sizeBytes: number;
  readonly headers: FileAnswer['headers'];
}

/**
 * Opens an output, or with `inner` a file inside it; the caller closes it. Its ETag is its hash: an output of the same
 * name never changes silently.
 * @throws FarmError NOT_FOUND, OUTPUT_CHANGED where the file on disk is not what was published
 */
export async function openOutput(output: Published, inner: string | null): Promise<OpenOutput> {
  const path = inner === null ? output.path : insideFolder(output.path, inner);
  if (path === undefined) throw noSuchFile(inner ?? '');
  const handle = await open(path, 'r').catch(() => {
    throw inner === null ? moved(path) : noSuchFile(inner);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw noSuchFile(inner ?? '');
    if (inner === null && stats.size !== output.sizeBytes) throw moved(path);
    const headers = {
      etag: inner === null ? `"${output.sha256}"` : `"${stats.size}-${Math.round(stats.mtimeMs)}-${stats.ino}"`,
      // whoever keeps a copy asks whether it still holds
      'cache-control': 'private, no-cache',
      'content-type': mimeTypes[extname(path).toLowerCase()] ?? 'application/octet-stream',
      'content-disposition': attachment(basename(path)),
    };
    return { handle, sizeBytes: stats.size, headers };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

async function statOf(path: string) {
  return stat(path).catch(() => {
    throw moved(path);
  });
}

/** Control and text-direction characters: they make a name look like another one. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** RFC 6266 with RFC 8187: a plain name for old clients, the true one beside it. */
export function attachment(name: string): string {
  const visible = name.replaceAll(hidden, '').normalize('NFC');
  const plain = visible
    .normalize('NFKD')
    .replaceAll(/[^\x20-\x7e]/g, '')
    .replaceAll(/["\\%]/g, '_');
  const escaped = encodeURIComponent(visible).replaceAll(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain.trim() === '' ? 'output' : plain}"; filename*=UTF-8''${escaped}`;
}

const moved = (path: string) =>
  new FarmError('OUTPUT_CHANGED', { message: `${path} is not there any more as it was published.`, details: { path } });
const noSuchFile = (inner: string) => new FarmError('NOT_FOUND', { message: `The output holds no file ${inner}.` });
