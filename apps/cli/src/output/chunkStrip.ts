import { assertNever, type ChunkView } from '@reelmill/protocol';

/** One character a chunk: `#` verified, `^` uploading, `>` encoding, digit = attempt waiting again, `x` failed, `o` waiting. */
export function chunkCharacter(chunk: ChunkView): string {
  switch (chunk.state) {
    case 'verified':
      return '#';
    case 'uploading':
      return '^';
    case 'encoding':
      return '>';
    case 'retry':
      return chunk.attempt > 9 ? '+' : String(Math.max(2, chunk.attempt));
    case 'failed':
      return 'x';
    case 'waiting':
      return 'o';
    default:
      return assertNever(chunk.state);
  }
}

/** The strip of a job within `width` columns; longer films show the first undone chunk of each group. */
export function chunkStrip(chunks: readonly ChunkView[], width: number): string {
  if (chunks.length <= width) return chunks.map(chunkCharacter).join('');
  const groups = Array.from({ length: width }, (_, column) => {
    const from = Math.floor((column * chunks.length) / width);
    const to = Math.floor(((column + 1) * chunks.length) / width);
    return chunks.slice(from, to);
  });
  return groups
    .map((group) => chunkCharacter((group.find((chunk) => chunk.state !== 'verified') ?? group[0]) as ChunkView))
    .join('');
}
