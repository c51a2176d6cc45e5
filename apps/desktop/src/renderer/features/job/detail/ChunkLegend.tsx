import { useCallback } from 'react';
import { useChunkColors } from '../../../ui/chunkColors.ts';
import { paintChunk, type ShownState } from '../../../ui/chunkPainter.ts';
import { useCanvas } from '../../../ui/useCanvas.ts';
import styles from './ChunkMap.module.css';

const states: readonly ShownState[] = ['verified', 'uploading', 'encoding', 'waiting', 'retry', 'failed', 'offline'];
const size = { width: 14, height: 14 };

function Swatch({ state }: { state: ShownState }) {
  const colors = useChunkColors();
  const draw = useCallback(
    (context: CanvasRenderingContext2D) =>
      paintChunk(context, { state, percent: 55, attempt: 1 }, { x: 0, y: 0, ...size }, colors),
    [state, colors],
  );
  return (
    <span aria-hidden="true" className={styles.swatch}>
      <canvas ref={useCanvas(size, draw)} style={size} />
    </span>
  );
}

/** The seven states, each with its shape and its word. */
export function ChunkLegend() {
  return (
    <ul className={styles.legend} aria-label="Legend" data-testid="chunk-legend">
      {states.map((state) => (
        <li key={state}>
          <Swatch state={state} />
          {state}
        </li>
      ))}
    </ul>
  );
}
