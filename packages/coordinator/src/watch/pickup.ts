import { createHash } from 'node:crypto';
import { checkSource, fileFacts } from '@reelmill/media';
import { JobId, toFarmError } from '@reelmill/protocol';
import { type Content, isSameContent } from './sighting.ts';

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * The same content at the same place of the same watched folder is the same job, for ever: where a crash came between its
 * submission and the note of it, the second submission is recognised.
 * @param place coordinator, watched folder, and what in it
 */
export function pickupJobId(place: readonly string[], { sizeBytes, mtimeNs }: Content): JobId {
  const digest = createHash('sha256')
    .update(JSON.stringify([...place, sizeBytes, mtimeNs]))
    .digest();
  return JobId.parse(`J-${Array.from(digest.subarray(0, 10), (byte) => base32[byte & 31] as string).join('')}`);
}

/**
 * What the first and last bytes of a file say: `refused` as long as its content is this, `unreadable` for now, `changed`
 * since it was looked at.
 */
export async function opens(path: string, seen: Content): Promise<'opens' | 'refused' | 'unreadable' | 'changed'> {
  try {
    const identity = await checkSource(path);
    await fileFacts(path);
    return isSameContent(identity, seen) ? 'opens' : 'changed';
  } catch (thrown) {
    const { code } = toFarmError(thrown);
    if (code === 'SOURCE_NOT_FOUND') return 'changed';
    return code === 'SOURCE_EMPTY' || code === 'SOURCE_TRUNCATED' || code === 'UNSUPPORTED_MEDIA'
      ? 'refused'
      : 'unreadable';
  }
}
