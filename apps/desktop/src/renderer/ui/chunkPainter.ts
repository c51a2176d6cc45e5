import type { ChunkView } from '@reelmill/protocol';

/** `offline`: the node that has the chunk does not answer. */
export type ShownState = ChunkView['state'] | 'offline';
type Painted = Pick<ChunkView, 'percent' | 'attempt'> & { readonly state: ShownState };
export type ChunkColors = Record<ShownState | 'track' | 'app' | 'text' | 'muted', string>;

export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Painter = (context: CanvasRenderingContext2D, cell: Cell, chunk: Painted, colors: ChunkColors) => void;

const painters: Record<ShownState, Painter> = {
  waiting: hollow,
  encoding: (context, cell, chunk) => {
    hollow(context, cell);
    filling(context, chunk, cell);
  },
  uploading: striped,
  verified: (context, cell) => context.fillRect(cell.x, cell.y, cell.width, cell.height),
  retry: (context, cell, chunk) => {
    hollow(context, cell);
    label(context, String(chunk.attempt + 1), cell);
  },
  failed: (context, cell, _, colors) => {
    context.fillRect(cell.x, cell.y, cell.width, cell.height);
    crossed(context, cell, colors.app);
  },
  offline: hatched,
};

/** Draws one chunk with colour and shape: hollow, filling, striped, solid, numbered, crossed. */
export function paintChunk(context: CanvasRenderingContext2D, chunk: Painted, cell: Cell, colors: ChunkColors): void {
  context.fillStyle = colors[chunk.state];
  context.strokeStyle = colors[chunk.state];
  context.lineWidth = 1;
  painters[chunk.state](context, cell, chunk, colors);
}

/** Narrower cells have no room for an outline and its inside. */
const outlineFromPixels = 5;

function hollow(context: CanvasRenderingContext2D, cell: Cell): void {
  if (cell.width < outlineFromPixels) {
    context.globalAlpha = 0.7;
    context.fillRect(cell.x, cell.y + cell.height - 2, cell.width, 2);
    context.globalAlpha = 1;
    return;
  }
  context.strokeRect(cell.x + 0.5, cell.y + 0.5, cell.width - 1, cell.height - 1);
}

/** Upwards in narrow cells; to the right where one chunk is the whole strip. */
function filling(context: CanvasRenderingContext2D, chunk: Painted, cell: Cell): void {
  const part = Math.max(0, Math.min(1, chunk.percent / 100));
  if (cell.width > 4 * cell.height) {
    context.fillRect(cell.x, cell.y, cell.width * part, cell.height);
    return;
  }
  const height = Math.max(2, cell.height * part);
  context.globalAlpha = 0.5;
  context.fillRect(cell.x, cell.y + cell.height - height, cell.width, height);
  context.globalAlpha = 1;
  if (cell.width < 9) return;
  // A first attempt shows that it runs; a later one, which it is.
  if (chunk.attempt > 1) label(context, String(chunk.attempt), cell);
  else triangle(context, cell);
}

function triangle(context: CanvasRenderingContext2D, cell: Cell): void {
  const [middleX, middleY] = [cell.x + cell.width / 2, cell.y + cell.height / 2];
  context.beginPath();
  context.moveTo(middleX - 2.5, middleY - 3);
  context.lineTo(middleX + 3, middleY);
  context.lineTo(middleX - 2.5, middleY + 3);
  context.fill();
}

/** Lines across, rising to the right; `both`: falling ones too. */
export function stripes(context: CanvasRenderingContext2D, cell: Cell, { both }: { readonly both: boolean }): void {
  context.save();
  context.beginPath();
  context.rect(cell.x, cell.y, cell.width, cell.height);
  context.clip();
  context.lineWidth = both ? 1 : 1.5;
  context.beginPath();
  for (let offset = -cell.height; offset < cell.width; offset += both ? 6 : 4) {
    context.moveTo(cell.x + offset, cell.y + cell.height);
    context.lineTo(cell.x + offset + cell.height, cell.y);
    if (!both) continue;
    context.moveTo(cell.x + offset, cell.y);
    context.lineTo(cell.x + offset + cell.height, cell.y + cell.height);
  }
  context.stroke();
  context.restore();
}

function hatched(context: CanvasRenderingContext2D, cell: Cell): void {
  stripes(context, cell, { both: true });
  if (cell.width >= outlineFromPixels) context.strokeRect(cell.x + 0.5, cell.y + 0.5, cell.width - 1, cell.height - 1);
}

function striped(context: CanvasRenderingContext2D, cell: Cell): void {
  stripes(context, cell, { both: false });
  if (cell.width >= outlineFromPixels) context.strokeRect(cell.x + 0.5, cell.y + 0.5, cell.width - 1, cell.height - 1);
}

function crossed(context: CanvasRenderingContext2D, cell: Cell, ground: string): void {
  const reach = Math.min(cell.width, cell.height) / 2 - 1.5;
  if (reach < 1) return;
  const [middleX, middleY] = [cell.x + cell.width / 2, cell.y + cell.height / 2];
  context.strokeStyle = ground;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(middleX - reach, middleY - reach);
  context.lineTo(middleX + reach, middleY + reach);
  context.moveTo(middleX + reach, middleY - reach);
  context.lineTo(middleX - reach, middleY + reach);
  context.stroke();
}

function label(context: CanvasRenderingContext2D, text: string, cell: Cell): void {
  if (cell.width < 7) {
    context.fillRect(cell.x, cell.y, cell.width, Math.ceil(cell.height / 2));
    return;
  }
  context.font = `600 ${Math.min(11, cell.height - 3)}px sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(text, cell.x + cell.width / 2, cell.y + cell.height / 2 + 0.5);
}

/** Most telling first: what a bucket of several chunks is drawn as. */
const weight: Record<ChunkView['state'], number> = {
  failed: 6,
  retry: 5,
  encoding: 4,
  uploading: 3,
  waiting: 2,
  verified: 1,
};

/** One chunk to stand for several that share a pixel column. */
export function dominantChunk(chunks: readonly ChunkView[]): ChunkView | undefined {
  return chunks.reduce<ChunkView | undefined>(
    (best, chunk) => (!best || weight[chunk.state] > weight[best.state] ? chunk : best),
    undefined,
  );
}
