import type { JobView, NodeView } from '@reelmill/protocol';
import { type KeyboardEvent, type MouseEvent, useCallback, useMemo, useState } from 'react';
import { useFarm } from '../../../store/farmStore.ts';
import { Button } from '../../../ui/Button.tsx';
import { useChunkColors } from '../../../ui/chunkColors.ts';
import { paintChunk } from '../../../ui/chunkPainter.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { clockLength } from '../../../ui/format.ts';
import { useCanvas } from '../../../ui/useCanvas.ts';
import { useWidth } from '../../../ui/useWidth.ts';
import { ChunkLegend } from './ChunkLegend.tsx';
import styles from './ChunkMap.module.css';
import { ChunkTable } from './ChunkTable.tsx';
import { cellAt, layOutMap, type MapLayout, stepTo } from './chunkLayout.ts';
import { describeChunk, type ShownChunk, secondsPerFrame, shownChunks } from './chunkTexts.ts';
import { mapCursorId, setDetail, useDetailView } from './detailView.ts';
import shared from './JobDetail.module.css';

const gutter = 84;
const offlineNames = (nodes: readonly NodeView[]): ReadonlySet<string> =>
  new Set(nodes.filter(({ state }) => state === 'offline').map(({ name }) => name));
const noNodes: readonly NodeView[] = [];

/** `01:20` or `1:02:20`: marks of the axis, whole seconds. */
const tickText = (seconds: number): string => clockLength(seconds).slice(seconds < 3600 ? 3 : 0, 8);

function Axis({ layout }: { layout: MapLayout }) {
  return (
    <div className={styles.axis} aria-hidden="true" style={{ marginLeft: gutter }}>
      {layout.ticks.map(({ x, seconds }) => (
        <span key={seconds} style={{ left: x }}>
          {layout.rows.length > 1 ? `+${tickText(seconds)}` : tickText(seconds)}
        </span>
      ))}
    </div>
  );
}

function RowLabels({ layout, many }: { layout: MapLayout; many: boolean }) {
  return (
    <div aria-hidden="true" style={{ width: gutter }} className={styles.labels}>
      {layout.rows.map(({ y, fromSeconds, rendition }) => (
        <span key={y} style={{ top: y }}>
          {many && rendition !== null ? <b title={rendition}>{rendition}</b> : clockLength(fromSeconds).slice(0, 8)}
        </span>
      ))}
    </div>
  );
}

/** The one thing of the map that can have the focus: it stands on a chunk, arrows move it, Enter opens the chunk. */
function Cursor({ job, layout, index }: { job: JobView; layout: MapLayout; index: number }) {
  const cell = layout.cells[index];
  if (cell === undefined) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    const open = event.key === 'Enter' || event.key === ' ';
    const next = open ? null : stepTo(layout.cells, index, event.key);
    if (!open && next === null) return;
    event.preventDefault();
    if (next !== null) setDetail({ cursor: next });
    else setDetail({ chunk: index, picked: null });
  };
  const text = describeChunk(job, cell.chunk);
  return (
    <div
      id={mapCursorId}
      role="slider"
      tabIndex={0}
      className={styles.cursor}
      aria-label="Chunk map"
      aria-valuemin={1}
      aria-valuemax={layout.cells.length}
      aria-valuenow={index + 1}
      aria-valuetext={text}
      style={{ transform: `translate(${cell.x}px, ${cell.y}px)`, width: cell.width, height: cell.height }}
      onKeyDown={onKeyDown}
    />
  );
}

function Cells({ job, layout, width }: { job: JobView; layout: MapLayout; width: number }) {
  const colors = useChunkColors();
  const cursor = Math.min(
    useDetailView((view) => view.cursor),
    layout.cells.length - 1,
  );
  const open = useDetailView((view) => view.chunk);
  const [pointed, setPointed] = useState<ShownChunk | null>(null);
  const draw = useCallback(
    (context: CanvasRenderingContext2D) => {
      for (const { chunk, ...cell } of layout.cells) {
        paintChunk(context, chunk, cell, colors);
        if (chunk.index !== open) continue;
        context.strokeStyle = colors.text;
        context.lineWidth = 2;
        context.strokeRect(cell.x - 1, cell.y - 1, cell.width + 2, cell.height + 2);
      }
    },
    [layout, colors, open],
  );
  const canvas = useCanvas({ width, height: layout.height }, draw);
  const under = (event: MouseEvent<HTMLElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return cellAt(layout.cells, { x: event.clientX - left, y: event.clientY - top })?.chunk ?? null;
  };
  const shown = pointed === null ? layout.cells[cursor]?.chunk : layout.cells[pointed.index]?.chunk;
  return (
    <>
      <div className={styles.field}>
        <RowLabels layout={layout} many={job.presets.length > 1} />
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the cursor inside takes the keys */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the cursor inside is the control */}
        <div
          className={styles.cells}
          style={{ width, height: layout.height }}
          onClick={(event) => {
            const chunk = under(event);
            if (chunk !== null) setDetail({ chunk: chunk.index, cursor: chunk.index, picked: null });
          }}
          onMouseMove={(event) => setPointed(under(event))}
          onMouseLeave={() => setPointed(null)}
        >
          <canvas ref={canvas} style={{ width, height: layout.height }} />
          <Cursor job={job} layout={layout} index={cursor} />
        </div>
      </div>
      <p className={shared.line} data-testid="chunk-line">
        {shown ? describeChunk(job, shown) : ''}
      </p>
    </>
  );
}

/** Every chunk of the job by its time in the film, with a legend and a table that says the same. */
export function ChunkMapPanel({ job }: { job: JobView }) {
  const [place, width] = useWidth();
  const [asTable, setAsTable] = useState(false);
  const nodes = useFarm((farm) => farm.nodes, noNodes);
  const chunks = useMemo(() => shownChunks(job.chunks, offlineNames(nodes)), [job.chunks, nodes]);
  const perFrame = secondsPerFrame(job) ?? 1;
  const mapWidth = Math.max(0, width - gutter);
  const layout = useMemo(
    () => layOutMap(chunks, { perFrame, width: Math.max(1, mapWidth) }),
    [chunks, perFrame, mapWidth],
  );
  if (chunks.length === 0) {
    return (
      <EmptyState>
        {job.plan === null ? 'The chunks are known once the source is indexed.' : 'Sound alone: it has no chunks.'}
      </EmptyState>
    );
  }
  return (
    <section className={shared.part} aria-label="Chunks" data-testid="chunk-map" data-cells={layout.cells.length}>
      <div className={shared.heading}>
        <h2>Chunks</h2>
        <ChunkLegend />
        <div className={shared.tools}>
          <Button aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {asTable ? 'Show map' : 'Show table'}
          </Button>
        </div>
      </div>
      <div ref={place}>
        {asTable ? <ChunkTable job={job} chunks={chunks} /> : null}
        {!asTable && mapWidth > 0 ? (
          <>
            <Axis layout={layout} />
            <Cells job={job} layout={layout} width={mapWidth} />
          </>
        ) : null}
      </div>
    </section>
  );
}
