import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import type { BrowserWindow, Rectangle } from 'electron';

/** Where the window was, in the screen's own units. */
export interface WindowState {
  readonly bounds: Rectangle;
  readonly maximized: boolean;
}

const leastSize = { width: 940, height: 560 } as const;
const firstSize = { width: 1280, height: 800 } as const;
/** Less than this of it on a screen cannot be grabbed any more. */
const leastVisible = 80;
const saveAfterMs = 500;

/**
 * Where the window opens: where it was, made to fit a screen that is there now. Null bounds let the system place it.
 * @param areas of the screens without bars and docks
 */
export function placedWindow(
  saved: WindowState | null,
  areas: readonly Rectangle[],
): { readonly bounds: Partial<Rectangle>; readonly maximized: boolean } {
  if (saved === null) return { bounds: firstSize, maximized: false };
  const { bounds, maximized } = saved;
  const home = areas.find((area) => isGrabbable(bounds, area));
  if (home === undefined) return { bounds: sizeWithin(bounds, areas[0]), maximized };
  const { width, height } = sizeWithin(bounds, home);
  return { bounds: { x: bounds.x, y: Math.max(bounds.y, home.y), width, height }, maximized };
}

const sizeWithin = ({ width, height }: Rectangle, area: Rectangle | undefined) => ({
  width: Math.max(leastSize.width, Math.min(width, area?.width ?? width)),
  height: Math.max(leastSize.height, Math.min(height, area?.height ?? height)),
});

/** Enough of the title bar lies on that screen. */
function isGrabbable(bounds: Rectangle, area: Rectangle): boolean {
  const left = Math.max(bounds.x, area.x);
  const right = Math.min(bounds.x + bounds.width, area.x + area.width);
  return (
    right - left >= leastVisible && bounds.y > area.y - leastVisible && bounds.y < area.y + area.height - leastVisible
  );
}

/** What was saved; null where nothing usable was. */
export function readWindowState(file: string): WindowState | null {
  try {
    return parsedState(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null; // the first start, or a file that somebody spoiled: the window opens where the system puts it
  }
}

function parsedState(value: unknown): WindowState | null {
  const { bounds, maximized } = (value ?? {}) as Partial<WindowState>;
  const numbers = [bounds?.x, bounds?.y, bounds?.width, bounds?.height];
  const isWhole = numbers.every((number) => Number.isSafeInteger(number));
  return isWhole && bounds !== undefined ? { bounds, maximized: maximized === true } : null;
}

/** Saves place and size a moment after they changed, and at the end. */
export function rememberWindow(window: BrowserWindow, file: string): void {
  let timer: NodeJS.Timeout | null = null;
  const save = (): void => {
    timer = null;
    if (window.isDestroyed()) return;
    const state: WindowState = { bounds: window.getNormalBounds(), maximized: window.isMaximized() };
    void saveState(file, state);
  };
  const later = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(save, saveAfterMs);
  };
  window.on('resize', later);
  window.on('move', later);
  window.on('maximize', later);
  window.on('unmaximize', later);
  window.on('close', () => {
    if (timer !== null) clearTimeout(timer);
    save();
  });
}

async function saveState(file: string, state: WindowState): Promise<void> {
  try {
    await writeFile(`${file}.part`, JSON.stringify(state));
    await rename(`${file}.part`, file);
  } catch {
    // a convenience: without it the window opens where the system puts it
  }
}
