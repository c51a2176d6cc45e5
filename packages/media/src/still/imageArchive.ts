import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { FarmError, type Sha256 } from '@reelmill/protocol';

/** Files of a tar archive lie in blocks of this size. */
const blockBytes = 512;

/** One file of a folder that is being delivered. */
export interface DeliveredFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

/** Packs files into a tar archive, in the order given; the same files give the same bytes. */
export async function packImages(folder: string, names: readonly string[], archivePath: string): Promise<void> {
  const archive = await open(archivePath, 'w');
  try {
    for (const name of names) await packOne(archive, folder, name);
    await archive.appendFile(Buffer.alloc(2 * blockBytes));
  } finally {
    await archive.close();
  }
}

async function packOne(archive: FileHandle, folder: string, name: string): Promise<void> {
  const file = await open(join(folder, name), 'r');
  try {
    const { size } = await file.stat();
    await archive.appendFile(header(name, size));
    for await (const bytes of file.createReadStream({ autoClose: false })) await archive.appendFile(bytes as Buffer);
    await archive.appendFile(Buffer.alloc(paddingOf(size)));
  } finally {
    await file.close();
  }
}

const paddingOf = (sizeBytes: number): number => (blockBytes - (sizeBytes % blockBytes)) % blockBytes;

/** POSIX "ustar", without times and owners. */
function header(name: string, sizeBytes: number): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0, 100, 'ascii');
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  block.write(`${checksumOf(block).toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

const checksumOf = (block: Buffer): number => block.reduce((sum, byte) => sum + byte, 0);

/**
 * Unpacks an archive of `packImages` into a folder. Exactly the names expected, in that order: an archive cannot choose
 * where it writes.
 * @throws FarmError STORAGE_CORRUPT for anything else
 */
export async function unpackImages(
  archivePath: string,
  names: readonly string[],
  folder: string,
): Promise<DeliveredFile[]> {
  const archive = await open(archivePath, 'r');
  const files: DeliveredFile[] = [];
  try {
    let position = 0;
    for (const name of names) {
      const block = Buffer.alloc(blockBytes);
      await archive.read(block, 0, blockBytes, position);
      const sizeBytes = Number.parseInt(block.toString('ascii', 124, 135), 8);
      if (!Number.isSafeInteger(sizeBytes) || !header(name, sizeBytes).equals(block)) throw corrupt(archivePath, name);
      position += blockBytes;
      files.push(await unpackOne(archivePath, { start: position, name, sizeBytes }, join(folder, name)));
      position += sizeBytes + paddingOf(sizeBytes);
    }
    return files;
  } finally {
    await archive.close();
  }
}

async function unpackOne(
  archivePath: string,
  entry: { start: number; name: string; sizeBytes: number },
  path: string,
): Promise<DeliveredFile> {
  const { name, sizeBytes, start } = entry;
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  let written = 0;
  try {
    const bytes = sizeBytes === 0 ? [] : createReadStream(archivePath, { start, end: start + sizeBytes - 1 });
    for await (const part of bytes) {
      hash.update(part as Buffer);
      await file.appendFile(part as Buffer);
      written += (part as Buffer).length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (written !== sizeBytes || sizeBytes === 0) throw corrupt(archivePath, name);
  return { name, sizeBytes, sha256: hash.digest('hex') };
}

const corrupt = (archivePath: string, name: string) =>
  new FarmError('STORAGE_CORRUPT', {
    message: `An archive of pictures lacks ${name}.`,
    details: { archivePath, name },
  });
