import { type IndexOptions, indexSource } from './indexSource.ts';
import type { MediaInfo } from './mediaInfo.ts';
import { probeHeaders, withDecodedStarts } from './probeSource.ts';
import type { SourceIndex } from './sourceIndex.ts';

/**
 * As `probeSource` and `indexSource` one after the other; what needs only the headers runs side by side.
 * @throws FarmError as both do
 */
export async function readSource(
  path: string,
  options: IndexOptions & { readonly onHeaders?: (headers: MediaInfo) => void },
): Promise<{ readonly info: MediaInfo; readonly index: SourceIndex }> {
  const headers = await probeHeaders(path, options);
  options.onHeaders?.(headers);
  const stop = new AbortController();
  const either = { ...options, signal: AbortSignal.any([options.signal, stop.signal]) };
  try {
    const [info, index] = await Promise.all([
      withDecodedStarts(headers, path, either),
      indexSource(path, headers, either),
    ]);
    return { info, index };
  } catch (thrown) {
    stop.abort();
    throw thrown;
  }
}
