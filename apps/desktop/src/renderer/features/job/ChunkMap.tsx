import type { ChunkView } from '@reelmill/protocol';
import { type KeyboardEvent, useCallback, useState } from 'react';
import { useChunkColors } from '../../ui/chunkColors.ts';
import { paintChunk } from '../../ui/chunkPainter.ts';
import { framesPerSecond } from '../../ui/format.ts';
import { useCanvas } from '../../ui/useCanvas.ts';
import styles from './Inspector.module.css';

const cellSize = 16;
const pitch = cellSize + 3;

/** One sentence about one chunk, for the line below the map and for screen readers. */
export function describeChunk(chunk: ChunkView, total: number): string {
  const parts = [
    `Chunk ${chunk.index + 1} of ${total}`,
    chunk.rendition,
    `frames ${chunk.firstFrame}–${chunk.endFrame - 1}`,
    chunk.state,
  ];
  if (chunk.state === 'encoding' || chunk.state === 'uploading') parts.push(`${Math.floor(chunk.percent)} %`);
  if (chunk.attempt > 0) parts.push(`attempt ${chunk.attempt}`);
  if (chunk.node) parts.push(chunk.node);
  if (chunk.fps > 0) parts.push(`${framesPerSecond(chunk.fps)} fps`);
  return parts.join(' · ');
}

function moved(key: string, index: number, columns: number, count: number): number | null {
  const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
  if (key === 'Home') return 0;
  if (key === 'End') return count - 1;
  const step = steps[key];
  return step === undefined ? null : Math.max(0, Math.min(count - 1, index + step));
}

/** Every chunk as a cell. The canvas has one focusable proxy: arrows move over it, its value says the chunk. */
export function ChunkMap({ chunks, width }: { chunks: readonly ChunkView[]; width: number }) {
  const colors = useChunkColors();
  const [focused, setFocused] = useState<number | null>(null);
  const columns = Math.max(1, Math.floor((width + 3) / pitch));
  const height = Math.ceil(chunks.length / columns) * pitch;
  const draw = useCallback(
    (context: CanvasRenderingContext2D) => {
      chunks.forEach((chunk, index) => {
        const [x, y] = [(index % columns) * pitch, Math.floor(index / columns) * pitch];
        paintChunk(context, chunk, { x, y: y + 1, width: cellSize, height: cellSize }, colors);
        if (index !== focused) return;
        context.strokeStyle = colors.app;
        context.strokeRect(x + 1.5, y + 2.5, cellSize - 3, cellSize - 3);
      });
    },
    [chunks, colors, columns, focused],
  );
  const canvas = useCanvas({ width, height }, draw);
  const shown = focused === null ? undefined : chunks[focused];
  const text = shown ? describeChunk(shown, chunks.length) : `${chunks.length} chunks; point at one`;
  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(event.key, focused ?? 0, columns, chunks.length);
    if (next === null) return;
    event.preventDefault();
    setFocused(next);
  };
  return (
    <div>
      <div
        role="slider"
        className={styles.map}
        tabIndex={0}
        aria-label="Chunk map"
        aria-valuemin={1}
        aria-valuemax={chunks.length}
        aria-valuenow={(focused ?? 0) + 1}
        aria-valuetext={text}
        onKeyDown={onKeyDown}
        onFocus={() => setFocused((index) => index ?? 0)}
        onBlur={() => setFocused(null)}
        onMouseMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const column = Math.floor((event.clientX - box.left) / pitch);
          const index = Math.floor((event.clientY - box.top) / pitch) * columns + column;
          setFocused(column < columns && index < chunks.length ? index : null);
        }}
        onMouseLeave={() => setFocused(null)}
      >
        <canvas ref={canvas} style={{ width, height, display: 'block' }} />
      </div>
      <p className={styles.chunkLine}>{text}</p>
    </div>
  );
}
