import { type IndexOptions, indexPackets, listPackets } from './indexSource.ts';
import type { MediaInfo } from './mediaInfo.ts';
import { fileFacts, readHeaders, withDecodedStarts } from './probeSource.ts';
import type { SourceIndex } from './sourceIndex.ts';

/**
 * As `probeSource` and `indexSource` one after the other, but side by side. Where both refuse, the headers' reason counts.
 * @throws FarmError as both do
 */
export async function readSource(
  path: string,
  options: IndexOptions & { readonly onHeaders?: (headers: MediaInfo) => void },
): Promise<{ readonly info: MediaInfo; readonly index: SourceIndex }> {
  const file = await fileFacts(path);
  const stop = new AbortController();
  const either = { ...options, signal: AbortSignal.any([options.signal, stop.signal]) };
  const packets = listPackets(path, file, either);
  packets.catch(() => {}); // thrown where it is awaited
  try {
    const headers = await readHeaders(path, file, either);
    options.onHeaders?.(headers);
    const [info, index] = await Promise.all([
      packets.then(({ soundStarts }) => withDecodedStarts(headers, path, { ...either, soundStarts })),
      packets.then((listed) => indexPackets(listed, { path, info: headers }, either)),
    ]);
    return { info, index };
  } catch (thrown) {
    stop.abort();
    await packets.catch(() => {}); // its process ends with the signal
    throw thrown;
  }
}
