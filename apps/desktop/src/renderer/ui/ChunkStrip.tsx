import type { ChunkView } from '@reelmill/protocol';
import { memo, useCallback } from 'react';
import { useChunkColors } from './chunkColors.ts';
import { dominantChunk, paintChunk } from './chunkPainter.ts';
import { useCanvas } from './useCanvas.ts';

interface ChunkStripProps {
  readonly chunks: readonly ChunkView[];
  readonly width: number;
  readonly height: number;
}

const smallestCell = 3;
const widestCell = 14;

/** All chunks of a job in one line; where they do not fit, neighbours share a cell that shows the most telling one. */
export const ChunkStrip = memo(function ChunkStrip({ chunks, width, height }: ChunkStripProps) {
  const colors = useChunkColors();
  const draw = useCallback(
    (context: CanvasRenderingContext2D) => {
      const perCell = Math.max(1, Math.ceil((chunks.length * smallestCell) / width));
      const cells = Math.ceil(chunks.length / perCell);
      const pitch = cells === 1 ? width : Math.min(widestCell, width / cells);
      for (let cell = 0; cell < cells; cell++) {
        const chunk = dominantChunk(chunks.slice(cell * perCell, (cell + 1) * perCell));
        if (!chunk) continue;
        const [left, right] = [Math.round(cell * pitch), Math.round((cell + 1) * pitch)];
        const gap = cells > 1 ? 1 : 0;
        paintChunk(context, chunk, { x: left, y: 0, width: right - left - gap, height }, colors);
      }
    },
    [chunks, colors, width, height],
  );
  const canvas = useCanvas({ width, height }, draw);
  return <canvas ref={canvas} style={{ width, height, display: 'block' }} role="img" aria-label={summary(chunks)} />;
});

/** What the picture says, in words. */
export function summary(chunks: readonly ChunkView[]): string {
  const count = (state: ChunkView['state']) => chunks.filter((chunk) => chunk.state === state).length;
  const parts = [`${count('verified')} of ${chunks.length} chunks verified`];
  for (const state of ['encoding', 'uploading', 'retry', 'failed'] as const) {
    if (count(state) > 0) parts.push(`${count(state)} ${state}`);
  }
  return parts.join(', ');
}
