import { copyFileSync, existsSync, readFileSync } from 'node:fs';

const headerBytes = 32;
const frameHeaderBytes = 24;

/**
 * SQLite drops what follows a bad frame of its write-ahead log without a word. This finds such frames beforehand:
 * ones that belong to the same log but do not match their checksums. Format: https://www.sqlite.org/fileformat2.html#walformat
 * Returns what is wrong, or null.
 */
export function walFault(log: Buffer): string | null {
  if (log.length <= headerBytes) return null;
  const words = wordsOf(log);
  let sums = checksum([0, 0], words, { from: 0, to: 24 });
  if (sums[0] !== log.readUInt32BE(24) || sums[1] !== log.readUInt32BE(28)) return 'the log begins damaged';
  const frameBytes = frameHeaderBytes + log.readUInt32BE(8);
  const salt = log.subarray(16, 24);
  for (let at = headerBytes; at + frameHeaderBytes <= log.length; at += frameBytes) {
    // What an earlier round of the log left behind.
    if (!log.subarray(at + 8, at + 16).equals(salt)) return behindIsOld(log, at + frameBytes, { frameBytes, salt });
    if (at + frameBytes > log.length) return 'the log ends in the middle of a frame';
    sums = checksum(sums, words, { from: at, to: at + 8 });
    sums = checksum(sums, words, { from: at + frameHeaderBytes, to: at + frameBytes });
    if (sums[0] !== log.readUInt32BE(at + 16) || sums[1] !== log.readUInt32BE(at + 20))
      return `frame ${(at - headerBytes) / frameBytes + 1} of the log does not match its checksum`;
  }
  return null;
}

/** A frame of this log behind one that is not: the one between was damaged. */
function behindIsOld(log: Buffer, from: number, round: { frameBytes: number; salt: Buffer }): string | null {
  for (let at = from; at + round.frameBytes <= log.length; at += round.frameBytes) {
    if (log.subarray(at + 8, at + 16).equals(round.salt)) return 'a frame of the log lost its mark';
  }
  return null;
}

/** The byte order of the sums is in the last bit of the first word. */
function wordsOf(log: Buffer): (at: number) => number {
  const isBigEndian = (log.readUInt32BE(0) & 1) === 1;
  return isBigEndian ? (at) => log.readUInt32BE(at) : (at) => log.readUInt32LE(at);
}

function checksum(
  [first, second]: readonly [number, number],
  word: (at: number) => number,
  range: { readonly from: number; readonly to: number },
): [number, number] {
  let [one, two] = [first, second];
  for (let at = range.from; at < range.to; at += 8) {
    one = (one + word(at) + two) >>> 0;
    two = (two + word(at + 4) + one) >>> 0;
  }
  return [one, two];
}

/** Keeps a copy of a damaged log before SQLite cuts it; null where nothing is wrong. */
export function setAsideBadLog(
  path: string,
  setAside: string,
): { readonly setAside: string; readonly reason: string } | null {
  const log = `${path}-wal`;
  if (!existsSync(log)) return null;
  const reason = walFault(readFileSync(log));
  if (reason === null) return null;
  copyFileSync(log, `${setAside}-wal`);
  return { setAside: `${setAside}-wal`, reason };
}
