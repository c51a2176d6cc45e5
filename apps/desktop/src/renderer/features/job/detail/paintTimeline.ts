import type { AttemptStep } from '@reelmill/protocol';
import { type Cell, type ChunkColors, stripes } from '../../../ui/chunkPainter.ts';
import { taskLabel } from './chunkTexts.ts';
import { type Bar, isFault, type NodeLane } from './timelineLayout.ts';

export const barHeight = 18;
const barPitch = 21;
const rowGap = 7;
export const axisHeight = 18;

export interface TimeWindow {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly nowMs: number;
}

export interface PlacedLane extends NodeLane {
  readonly y: number;
  readonly height: number;
  /** Since when its node does not answer; null: it does. */
  readonly offlineSinceMs: number | null;
}

/** Rows one below the other, as high as they have lanes. */
export function stackLanes(
  lanes: readonly NodeLane[],
  offlineSince: (node: string) => number | null,
): { readonly rows: readonly PlacedLane[]; readonly height: number } {
  let y = axisHeight;
  const rows = lanes.map((lane) => {
    const row = { ...lane, y, height: lane.lanes * barPitch, offlineSinceMs: offlineSince(lane.node) };
    y += row.height + rowGap;
    return row;
  });
  return { rows, height: Math.max(y, axisHeight + barPitch) };
}

interface Ground {
  readonly context: CanvasRenderingContext2D;
  readonly colors: ChunkColors;
  readonly width: number;
  readonly window: TimeWindow;
}

export const xOf = ({ width, window }: Pick<Ground, 'width' | 'window'>, atMs: number): number =>
  ((atMs - window.fromMs) * width) / (window.untilMs - window.fromMs);

/** Where a bar lies; never thinner than one can see and hit. */
export function cellOf(bar: Bar, row: PlacedLane, ground: Pick<Ground, 'width' | 'window'>): Cell {
  const left = Math.max(-2, xOf(ground, bar.fromMs));
  const right = Math.min(ground.width, xOf(ground, bar.untilMs));
  return { x: left, y: row.y + bar.lane * barPitch, width: Math.max(3, right - left), height: barHeight };
}

/** All rows: bars of attempts, hatching where a node is away. */
export function paintTimeline(rows: readonly PlacedLane[], ground: Ground): void {
  for (const row of rows) {
    if (row.offlineSinceMs !== null) paintOffline(row, row.offlineSinceMs, ground);
    for (const bar of row.bars) paintBar(bar, cellOf(bar, row, ground), ground);
  }
}

function paintOffline(row: PlacedLane, sinceMs: number, { context, colors, width, window }: Ground): void {
  const from = Math.max(0, xOf({ width, window }, sinceMs));
  const cell = { x: from, y: row.y, width: width - from, height: barHeight };
  if (cell.width < 2) return;
  context.strokeStyle = colors.offline;
  context.globalAlpha = 0.5;
  stripes(context, cell, { both: false });
  context.globalAlpha = 1;
  const text = `offline ${Math.max(0, Math.round((window.nowMs - sinceMs) / 1000))} s`;
  context.font = '11px sans-serif';
  const textWidth = context.measureText(text).width;
  if (cell.width < textWidth + 24) return;
  context.fillStyle = colors.app;
  context.fillRect(from + 12, row.y + 2, textWidth + 8, barHeight - 4);
  context.fillStyle = colors.text;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(text, from + 16, row.y + barHeight / 2 + 0.5);
}

function colorOf(bar: Bar, colors: ChunkColors): string {
  if (isFault(bar.attempt)) return colors.failed;
  if (bar.attempt.state === 'completed') return colors.verified;
  return bar.attempt.state === 'running' ? colors.encoding : colors.offline;
}

const transfers: readonly (AttemptStep | 'waiting')[] = ['fetch', 'upload'];

function paintBar(bar: Bar, cell: Cell, ground: Ground): void {
  const { context, colors } = ground;
  const color = colorOf(bar, colors);
  for (const part of bar.parts) {
    const from = Math.max(cell.x, xOf(ground, part.fromMs));
    const until = Math.min(cell.x + cell.width, Math.max(from + 1, xOf(ground, part.untilMs)));
    const inner = { ...cell, x: from, width: until - from };
    context.strokeStyle = part.step === 'upload' ? colors.uploading : color;
    context.fillStyle = part.step === 'fetch' ? colors.muted : color;
    if (part.step === 'upload') stripes(context, inner, { both: false });
    else if (part.step === 'fetch') dots(context, inner);
    else tint(context, inner);
  }
  context.strokeStyle = color;
  context.lineWidth = isFault(bar.attempt) ? 1.5 : 1;
  context.strokeRect(cell.x + 0.5, cell.y + 0.5, cell.width - 1, cell.height - 1);
  const worked = bar.parts.find(({ step }) => !transfers.includes(step));
  if (isFault(bar.attempt)) cross(context, cell, color);
  label(
    bar,
    { ...cell, x: Math.max(cell.x, worked ? xOf(ground, worked.fromMs) : cell.x) },
    { ...ground, end: cell.x + cell.width },
  );
}

function tint(context: CanvasRenderingContext2D, cell: Cell): void {
  context.globalAlpha = 0.22;
  context.fillRect(cell.x, cell.y, cell.width, cell.height);
  context.globalAlpha = 1;
}

function dots(context: CanvasRenderingContext2D, cell: Cell): void {
  for (let x = cell.x + 2; x < cell.x + cell.width - 1; x += 4) {
    for (let y = cell.y + 4; y < cell.y + cell.height - 2; y += 5) context.fillRect(x, y, 1.5, 1.5);
  }
}

/** At the end of the bar: where it broke off. */
function cross(context: CanvasRenderingContext2D, cell: Cell, color: string): void {
  if (cell.width < 12) return;
  const [x, y] = [cell.x + cell.width - 8, cell.y + cell.height / 2];
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x - 3.5, y - 3.5);
  context.lineTo(x + 3.5, y + 3.5);
  context.moveTo(x + 3.5, y - 3.5);
  context.lineTo(x - 3.5, y + 3.5);
  context.stroke();
}

function label(bar: Bar, cell: Cell, { context, colors, end }: Ground & { readonly end: number }): void {
  const tries = bar.attempt.attempt > 1 ? ` try ${bar.attempt.attempt}` : '';
  const name = taskLabel(bar.attempt);
  const room = end - cell.x - (isFault(bar.attempt) ? 18 : 8);
  context.font = '11px sans-serif';
  const text = [`${name}${tries}`, name].find((candidate) => context.measureText(candidate).width <= room);
  if (text === undefined) return;
  const onlyFetches = bar.parts.every(({ step }) => step === 'fetch');
  context.fillStyle = colors.app;
  if (onlyFetches) context.fillRect(cell.x + 2, cell.y + 2, context.measureText(text).width + 5, cell.height - 4);
  context.fillStyle = colors.text;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(text, cell.x + 4, cell.y + cell.height / 2 + 0.5);
}
