import { expect, test, vi } from 'vitest';
import { parseDeepLink } from './deepLinks.ts';
import { placedWindow, readWindowState } from './windowState.ts';

vi.mock('electron', () => ({ powerSaveBlocker: { start: () => 7, stop: () => {} }, app: {} }));

const screen = { x: 0, y: 25, width: 1920, height: 1055 };
const second = { x: 1920, y: 0, width: 1280, height: 1024 };
const at = (x: number, y: number, width = 1280, height = 800) => ({
  bounds: { x, y, width, height },
  maximized: false,
});

test.each([
  ['where it was', at(100, 100), [screen], { x: 100, y: 100, width: 1280, height: 800 }],
  ['on the second screen', at(2000, 50, 1000), [screen, second], { x: 2000, y: 50, width: 1000, height: 800 }],
  ['anywhere, where that screen is gone', at(2000, 50, 1000), [screen], { width: 1000, height: 800 }],
  ['no larger than the screen', at(0, 25, 4000, 3000), [screen], { x: 0, y: 25, width: 1920, height: 1055 }],
  ['below the bar', at(10, 0), [screen], { x: 10, y: 25, width: 1280, height: 800 }],
  ['not where only its edge shows', at(1900, 50), [screen], { width: 1280, height: 800 }],
])('a window opens %s', (_, saved, areas, bounds) => {
  expect(placedWindow(saved, areas).bounds).toEqual(bounds);
});

test('the first window, and one whose file is spoiled, has its usual size', () => {
  expect(placedWindow(null, [screen])).toEqual({ bounds: { width: 1280, height: 800 }, maximized: false });
  expect(readWindowState(import.meta.filename)).toBeNull();
  expect(readWindowState('/nowhere/window.json')).toBeNull();
});

test.each([
  ['reelmill://job/J-aaaaaaaaaa', { kind: 'job', id: 'J-aaaaaaaaaa' }],
  ['reelmill://node/N-1', { kind: 'node', id: 'N-1' }],
  ['reelmill://add?path=/a.mov&path=/b%20c.mov', { kind: 'add', paths: ['/a.mov', '/b c.mov'] }],
  ['reelmill://pair?code=418-202', { kind: 'pair' }],
  ['reelmill://job/', null],
  ['reelmill://job/%E0%A4', null],
  ['reelmill://job/a/b', null],
  ['reelmill://run?command=x', null],
  ['reelmill://add', null],
  ['https://job/J-aaaaaaaaaa', null],
  ['not a link', null],
])('%s', (text, link) => {
  expect(parseDeepLink(text)).toEqual(link);
});

test('check 40: the task bar is told at most once a second, and at once when nothing is under way', async () => {
  const { createActivityIndicator } = await import('./activity.ts');
  const told: number[] = [];
  let now = 0;
  const indicator = createActivityIndicator(() => now);
  const window = { setProgressBar: (value: number) => told.push(value) } as never;
  const show = (percent: number | null) =>
    indicator.show({ activeJobs: percent === null ? 0 : 1, percent, rendersHere: false, paused: false }, window);
  for (; now <= 2_000; now += 250) show(now / 100);
  expect(told).toEqual([0, 0.1, 0.2]);
  show(null);
  show(null);
  expect(told.at(-1)).toBe(-1);
  expect(told).toHaveLength(4);
});

test('an autostart entry quotes what a shell or a field code could take apart', async () => {
  const { desktopEntry } = await import('./autoLaunch.ts');
  expect(desktopEntry(['/opt/Reel mill/app', '/100 %/"x"'])).toContain(
    'Exec="/opt/Reel mill/app" "/100 %%/\\\\"x\\\\""\n',
  );
});
