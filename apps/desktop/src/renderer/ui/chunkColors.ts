import type { ChunkColors } from './chunkPainter.ts';
import { token, useTheme } from './useTheme.ts';

const cache = new Map<string, ChunkColors>();

/** Colours of the chunk states in the current theme. */
export function useChunkColors(): ChunkColors {
  const theme = useTheme();
  const known = cache.get(theme);
  if (known) return known;
  const colors: ChunkColors = {
    waiting: token('waiting'),
    encoding: token('encoding'),
    uploading: token('uploading'),
    verified: token('verified'),
    retry: token('retry'),
    failed: token('failed'),
    offline: token('offline'),
    track: token('track'),
    app: token('app'),
    text: token('text'),
    muted: token('muted'),
  };
  cache.set(theme, colors);
  return colors;
}
