import { audioEndOf, type IndexOptions, listPackets } from './indexSource.ts';
import type { SoundInfo } from './mediaInfo.ts';
import { fileFacts, readSoundHeaders, withSoundStarts } from './probeSource.ts';

/** What is known of a source whose sound alone is taken. */
export interface SoundSource {
  readonly info: SoundInfo;
  /** Where the default track's packets end, container's own time; null where nothing tells or only headers were read. */
  readonly audioEndSeconds: number | null;
}

/**
 * Headers, first samples and packets of a source whose sound alone is taken, whether it has a picture or not.
 * @throws FarmError NO_AUDIO, and those of `readSource` that do not speak of a picture
 */
export async function readSound(
  path: string,
  options: IndexOptions & { readonly onHeaders?: (headers: SoundInfo) => void },
): Promise<SoundSource> {
  const file = await fileFacts(path);
  const stop = new AbortController();
  const either = { ...options, signal: AbortSignal.any([options.signal, stop.signal]) };
  const headers = await readSoundHeaders(path, file, either);
  options.onHeaders?.(headers);
  try {
    const listed = await listPackets(path, file, either);
    const info = await withSoundStarts(headers, path, { ...either, soundStarts: listed.soundStarts });
    return { info, audioEndSeconds: audioEndOf(info, listed) };
  } catch (thrown) {
    stop.abort();
    throw thrown;
  }
}
