import type { RenditionId } from '@reelmill/protocol';
import type { ShownChunk } from './chunkTexts.ts';

export interface PlacedChunk {
  readonly chunk: ShownChunk;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface MapLayout {
  readonly cells: readonly PlacedChunk[];
  /** First time of each row, and of which rendition it is where a rendition begins. */
  readonly rows: readonly {
    readonly y: number;
    readonly fromSeconds: number;
    readonly rendition: RenditionId | null;
  }[];
  /** Marks of the axis, seconds since the begin of a row. */
  readonly ticks: readonly { readonly x: number; readonly seconds: number }[];
  readonly rowSeconds: number;
  readonly height: number;
}

const cellHeight = 20;
const rowPitch = 26;
const groupGap = 18;
/** Cells keep room for their shape; a row holds so much of the film that they do. */
const wantedCellWidth = 16;
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200] as const;

const roundUp = (seconds: number): number => steps.find((step) => step >= seconds) ?? Math.ceil(seconds / 3600) * 3600;

/** Places every chunk by its time: a row is a stretch of the film, as long for all rows; a rendition begins a new row. */
export function layOutMap(
  chunks: readonly ShownChunk[],
  { perFrame, width }: { readonly perFrame: number; readonly width: number },
): MapLayout {
  const endSeconds = Math.max(0, ...chunks.map(({ endFrame }) => endFrame)) * perFrame;
  const perRendition = chunks.length / Math.max(1, new Set(chunks.map(({ rendition }) => rendition)).size);
  const fitting = Math.max(1, Math.floor(width / wantedCellWidth));
  const stretch = perRendition <= fitting ? endSeconds : roundUp((endSeconds * fitting) / perRendition);
  const rowSeconds = Math.max(0.001, Math.min(stretch, endSeconds));
  const cells: PlacedChunk[] = [];
  const rows: { y: number; fromSeconds: number; rendition: RenditionId | null }[] = [];
  let rendition: RenditionId | null = null;
  let y = -rowPitch;
  let row = -1;
  for (const chunk of chunks) {
    const from = chunk.firstFrame * perFrame;
    const own = Math.floor(from / rowSeconds + 1e-6);
    const begins = chunk.rendition !== rendition;
    if (begins || own !== row) {
      y += rowPitch + (begins && rendition !== null ? groupGap : 0);
      rows.push({ y, fromSeconds: own * rowSeconds, rendition: begins ? chunk.rendition : null });
    }
    rendition = chunk.rendition;
    row = own;
    const scale = width / rowSeconds;
    const x = (from - own * rowSeconds) * scale;
    const right = Math.min(width, (chunk.endFrame * perFrame - own * rowSeconds) * scale);
    cells.push({
      chunk,
      x: Math.round(x),
      y,
      width: Math.max(3, Math.round(right) - Math.round(x) - 1),
      height: cellHeight,
    });
  }
  return { cells, rows, rowSeconds, ticks: ticksOf(rowSeconds, width), height: y + rowPitch };
}

const wantedTickWidth = 96;

function ticksOf(rowSeconds: number, width: number): MapLayout['ticks'] {
  const step = roundUp(rowSeconds / Math.max(1, Math.floor(width / wantedTickWidth)));
  const count = Math.floor(rowSeconds / step + 1e-6);
  return Array.from({ length: count + 1 }, (_, index) => ({
    seconds: index * step,
    x: Math.round((index * step * width) / rowSeconds),
  })).filter(({ x }) => x <= width - 40);
}

/** Where an arrow leads: along the film, or to the chunk above or below. */
export function stepTo(cells: readonly PlacedChunk[], at: number, key: string): number | null {
  const last = cells.length - 1;
  if (key === 'ArrowRight') return Math.min(last, at + 1);
  if (key === 'ArrowLeft') return Math.max(0, at - 1);
  if (key === 'Home') return 0;
  if (key === 'End') return last;
  const here = cells[at];
  if (here === undefined || (key !== 'ArrowDown' && key !== 'ArrowUp')) return null;
  const rowsAway = cells.filter(({ y }) => (key === 'ArrowDown' ? y > here.y : y < here.y)).map(({ y }) => y);
  if (rowsAway.length === 0) return at;
  const row = key === 'ArrowDown' ? Math.min(...rowsAway) : Math.max(...rowsAway);
  const middle = here.x + here.width / 2;
  const inRow = cells.filter(({ y }) => y === row);
  const nearest = inRow.reduce((best, cell) => (distance(cell, middle) < distance(best, middle) ? cell : best));
  return nearest.chunk.index;
}

const distance = ({ x, width }: PlacedChunk, middle: number): number => Math.abs(x + width / 2 - middle);

/** The chunk under a point of the map. */
export const cellAt = (cells: readonly PlacedChunk[], point: { x: number; y: number }): PlacedChunk | undefined =>
  cells.find(
    ({ x, y, width, height }) => point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height,
  );
