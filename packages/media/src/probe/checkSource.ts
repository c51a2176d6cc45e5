import { type FileHandle, open, stat } from 'node:fs/promises';
import { FarmError, type SourceIdentity } from '@reelmill/protocol';
import { sniffDemuxer } from './sniffDemuxer.ts';

const headBytes = 4096;

/**
 * The quick checks of a file before its job is accepted: reads 4 KiB, opens nothing for writing (decision 9).
 * @throws FarmError SOURCE_NOT_FOUND, SOURCE_UNREADABLE, SOURCE_EMPTY, UNSUPPORTED_MEDIA
 */
export async function checkSource(path: string): Promise<SourceIdentity> {
  const identity = await identify(path);
  if (identity.sizeBytes === 0)
    throw new FarmError('SOURCE_EMPTY', { message: `${path} holds zero bytes.`, details: { path } });
  await readDemuxer(path);
  return identity;
}

/**
 * The demuxer for a file, from its content.
 * @throws FarmError SOURCE_NOT_FOUND, SOURCE_UNREADABLE, UNSUPPORTED_MEDIA
 */
export async function readDemuxer(path: string): Promise<string> {
  const demuxer = sniffDemuxer(await readHead(path));
  if (demuxer !== null) return demuxer;
  throw new FarmError('UNSUPPORTED_MEDIA', {
    message: `${path} is not media in a supported container.`,
    details: { path },
  });
}

/**
 * Called before and after each attempt: the bytes that were planned must still be the ones that are read.
 * @throws FarmError SOURCE_CHANGED, SOURCE_NOT_FOUND, SOURCE_UNREADABLE
 */
export async function assertSourceUnchanged(planned: SourceIdentity): Promise<void> {
  const now = await identify(planned.path);
  const same = now.sizeBytes === planned.sizeBytes && now.mtimeNs === planned.mtimeNs && now.inode === planned.inode;
  if (same) return;
  throw new FarmError('SOURCE_CHANGED', {
    message: `${planned.path} changed while it was being rendered.`,
    details: { planned, now },
  });
}

async function identify(path: string): Promise<SourceIdentity> {
  const facts = await stat(path, { bigint: true }).catch((cause: unknown) => {
    throw readFailure(path, cause);
  });
  if (!facts.isFile()) {
    throw new FarmError('UNSUPPORTED_MEDIA', { message: `${path} is not a regular file.`, details: { path } });
  }
  return { path, sizeBytes: Number(facts.size), mtimeNs: String(facts.mtimeNs), inode: String(facts.ino) };
}

async function readHead(path: string): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw readFailure(path, cause);
  } finally {
    await file?.close();
  }
}

function readFailure(path: string, cause: unknown): FarmError {
  const systemCode = (cause as NodeJS.ErrnoException).code;
  const missing = systemCode === 'ENOENT' || systemCode === 'ENOTDIR';
  return new FarmError(missing ? 'SOURCE_NOT_FOUND' : 'SOURCE_UNREADABLE', {
    message: missing ? `${path} does not exist.` : `${path} cannot be read.`,
    cause,
    details: { path, systemCode },
  });
}
