import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { diskMarksOf, FarmError, toFarmError, type UploadAnswer } from '@reelmill/protocol';
import { diskSpace } from '@reelmill/storage';
import type { FinishedUpload } from '../farmCorePort.ts';

export const uploadLimitBytes = 20 * 1024 ** 3;
const nameLimitBytes = 199;

const letters = 'abcdefghijklmnopqrstuvwxyz234567';
const newUploadId = (): string => `U-${[...randomBytes(10)].map((byte) => letters[byte % 32]).join('')}`;

/** Control and text-direction characters: they make a name look like another one. */
const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;

/** Devices, with any extension. */
const reservedOnWindows = /^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)/i;

/**
 * A name that is safe as one file name on every system, still recognisable to its user.
 * @throws FarmError REQUEST_INVALID when nothing of it remains.
 */
export function safeUploadName(raw: string): string {
  const last = raw.split(/[/\\]/).at(-1) ?? '';
  const visible = last
    .replaceAll(hidden, '')
    .normalize('NFC')
    .replaceAll(/[<>:"|?*]/g, '_');
  let name = trimmed(visible);
  while (Buffer.byteLength(name) > nameLimitBytes) name = trimmed([...name].slice(1).join(''));
  if (name === '') throw new FarmError('REQUEST_INVALID', { message: 'The upload needs a file name.' });
  return reservedOnWindows.test(name) ? `_${name}` : name;
}

const trimmed = (name: string): string => name.replace(/^[.\s]+/, '').replace(/[.\s]+$/, '');

export interface UploadRequestFacts {
  readonly name: string;
  readonly body: Readable;
  /** From `Content-Length`; null when the length is not known before. */
  readonly declaredBytes: number | null;
}

const tooLarge = (): FarmError =>
  new FarmError('MEDIA_LIMIT_EXCEEDED', {
    message: 'An upload may hold 20 GiB at most.',
    details: { limitBytes: uploadLimitBytes },
  });

async function checkSpace(folder: string, declaredBytes: number | null): Promise<void> {
  if (declaredBytes !== null && declaredBytes > uploadLimitBytes) throw tooLarge();
  const { freeBytes, totalBytes } = await diskSpace(folder);
  if ((declaredBytes ?? 0) + diskMarksOf(totalBytes).lowBytes <= freeBytes) return;
  throw new FarmError('INSUFFICIENT_SPACE', {
    message: 'The coordinator has not enough free space for this upload.',
    details: { freeBytes, neededBytes: declaredBytes },
  });
}

/** Counts and hashes what passes; breaks off above the limit. */
function meter(hash: ReturnType<typeof createHash>, count: { bytes: number }): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count.bytes += chunk.length;
      hash.update(chunk);
      done(count.bytes > uploadLimitBytes ? tooLarge() : null, chunk);
    },
  });
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeBody(request: UploadRequestFacts, path: string): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const count = { bytes: 0 };
  await pipeline(request.body, meter(hash, count), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  if (request.declaredBytes !== null && request.declaredBytes !== count.bytes) {
    throw new FarmError('REQUEST_INVALID', { message: 'The upload ended before its announced length.' });
  }
  await syncFile(path);
  return { sizeBytes: count.bytes, sha256: hash.digest('hex') };
}

/**
 * Streams a body to `{folder}/{uploadId}/{name}`. Either the whole file is there, or nothing is.
 * @throws FarmError MEDIA_LIMIT_EXCEEDED, INSUFFICIENT_SPACE, DISK_FULL, REQUEST_INVALID.
 */
export async function storeUpload(folder: string, request: UploadRequestFacts): Promise<FinishedUpload & UploadAnswer> {
  const name = safeUploadName(request.name);
  const uploadId = newUploadId();
  const home = join(folder, uploadId);
  await mkdir(home, { recursive: true, mode: 0o700 });
  try {
    await checkSpace(home, request.declaredBytes);
    const partial = join(home, '.part');
    const written = await writeBody(request, partial);
    const path = join(home, name);
    await rename(partial, path);
    return { uploadId, name, path, ...written };
  } catch (cause) {
    await rm(home, { recursive: true, force: true });
    throw toFarmError(cause);
  }
}

/** Uploads a crash cut short: their folders hold a `.part` and no finished file. */
export async function sweepPartialUploads(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(folder)) {
    const home = join(folder, entry);
    if (!/^U-[a-z2-7]{10}$/.test(entry)) continue;
    const files = await readdir(home);
    if (files.length === 0 || files.includes('.part')) await rm(home, { recursive: true, force: true });
  }
}
