import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { dataFiles } from '@reelmill/protocol';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../apps/desktop/src/shared/commands.ts';
import { buildDesktopIfStale } from '../../scripts/buildDesktop.mjs';
import { temporaryFolder } from '../support/farmProcesses.ts';
import { makeClip } from '../support/makeClip.ts';
import { type ServeFarm, serveFarm } from '../support/serveFarm.ts';
import { dropPaths, watchComplaints } from './desktopApp.ts';
import { type FarmApi, openFarmApi } from './farmApi.ts';
import { seriousAxeFindings } from './pageProbes.ts';

const executablePath = ['/usr/bin/chromium', chromium.executablePath()].find(existsSync);

const until = <T>(read: () => T) => expect.poll(read, { timeout: 10_000 });

/** One coordinator and one page with a host of its own, as the desktop has it: paths of dropped files are known. */
describe.skipIf(!executablePath)('the queue at the desk', () => {
  let browser: Browser;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let farm: ServeFarm;
  let api: FarmApi;
  let page: Page;
  let complaints: string[];
  let clip: string;
  let headers: Record<string, string>;

  const rows = () => page.getByTestId('job-row');
  const ids = async () => (await api.farm()).jobs.map(({ jobId }) => jobId);
  const shownIds = () => rows().evaluateAll((all) => all.map((row) => row.id.replace('row-', '')));
  const grid = () => page.getByRole('grid', { name: 'Jobs' });
  const live = () => page.getByTestId('live-region').textContent();
  const inFolder = (name: string) => join(folder.path, name);

  beforeAll(async () => {
    buildDesktopIfStale();
    folder = await temporaryFolder();
    farm = serveFarm(folder.path);
    await farm.startCoordinator();
    api = await openFarmApi(farm.dataDir);
    clip = inFolder('clip.mp4');
    await makeClip(clip, { seconds: 1, size: '320x180' });
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    page = await context.newPage();
    complaints = watchComplaints(page, /status of 401/);
    const token = (await readFile(join(farm.dataDir, dataFiles.ownerToken), 'utf8')).trim();
    await page.addInitScript(hostOfTest, { apiUrl: farm.ready().apiUrl, token, folder: folder.path });
    await page.goto(farm.ready().url);
    await page.getByTestId('link-status').filter({ hasText: 'Live' }).waitFor({ timeout: 30_000 });
    headers = { authorization: `Bearer ${token}` };
    page.setDefaultTimeout(10_000);
  });
  afterAll(async () => {
    await browser.close();
    await farm.stop();
    await folder.remove();
  });

  /** An empty list, then so many held jobs. */
  async function fresh(count: number): Promise<string[]> {
    await page.keyboard.press('Escape');
    const url = `${farm.ready().apiUrl}/api/v1/jobs`;
    await Promise.all((await ids()).map((jobId) => fetch(`${url}/${jobId}`, { method: 'DELETE', headers })));
    await until(() => rows().count()).toBe(0);
    if (count === 0) return [];
    const inputs = Array.from({ length: count }, () => ({ kind: 'path', path: clip }));
    await api.submit({ inputs, preset: 'h264-320p', hold: true });
    await until(() => rows().count()).toBe(count);
    return ids();
  }

  test('checks 3 and 7: three files are three rows at once, without a dialog; the same twice gets two names', async () => {
    await fresh(0);
    for (const name of ['a.mp4', 'b.mp4', 'c.mp4']) await copyFile(clip, inFolder(name));
    const droppedAt = performance.now();
    await dropPaths(page, ['a.mp4', 'b.mp4', 'c.mp4'].map(inFolder));
    await expect.poll(() => rows().count(), { interval: 10, timeout: 10_000 }).toBe(3);
    process.stderr.write(`three rows after ${Math.round(performance.now() - droppedAt)} ms\n`);
    expect(await page.locator('dialog[open], [role=dialog]').count()).toBe(0);
    await dropPaths(page, [inFolder('a.mp4')]);
    await until(() => rows().count()).toBe(4);
    await until(live).toBe('1 job added');
    const planned = (await api.farm()).jobs.map(({ plannedOutput }) => basename(plannedOutput ?? ''));
    expect(planned).toEqual(['a', 'b', 'c', 'a'].map((name, at) => `${name}_h264-720p${at === 3 ? ' (2)' : ''}.mp4`));
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await until(() => rows().count()).toBe(0);
    await page.keyboard.press('Control+Shift+Z');
    await page.keyboard.press('Control+Shift+Z');
    await until(() => rows().count()).toBe(4);
  });

  test('checks 4 and 5: a folder brings its media and counts the rest; frames are one row that names its gap', async () => {
    await fresh(0);
    await mkdir(inFolder('shoot/day 1/empty'), { recursive: true });
    for (const name of ['one.mp4', 'two.mp4', 'day 1/three.mp4']) await copyFile(clip, inFolder(`shoot/${name}`));
    for (const name of ['a.txt', 'b.txt', 'day 1/c.txt', 'day 1/d.txt'])
      await writeFile(inFolder(`shoot/${name}`), 'no');
    for (let number = 1001; number <= 1100; number += 1) {
      if (number !== 1047) await writeFile(inFolder(`shoot/shot_${number}.exr`), '');
    }
    await dropPaths(page, [inFolder('shoot')]);
    await until(() => rows().count()).toBe(4);
    await page.getByText('4 skipped: not media').waitFor();
    const sequence = rows().filter({ hasText: 'shot_[1001-1100].exr' });
    expect(await sequence.textContent()).toContain('99 frames');
    expect(await sequence.textContent()).toContain('missing 1047');
  });

  test('check 6: an address is refused in its own line and becomes no row; a pasted path becomes one', async () => {
    await fresh(0);
    const paste = (text: string) =>
      page.evaluate((wanted) => {
        const data = new DataTransfer();
        data.setData('text/plain', wanted);
        window.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
      }, text);
    const message = page.getByTestId('intake-message');
    await paste('ftp://example.org/clip.mov');
    await message.filter({ hasText: 'ftp: addresses are not supported' }).waitFor();
    await paste('https://example.org/clip.mov');
    await message.filter({ hasText: 'cannot be fetched from the web yet' }).waitFor();
    expect(await rows().count()).toBe(0);
    await paste(clip);
    await until(() => rows().count()).toBe(1);
    expect(await message.count()).toBe(0);
  });

  test('checks 8 and 10: the overlay comes and goes with the drag; a preset by drop and by the toolbar are the same', async () => {
    await fresh(0);
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: [clip], dragOperationsMask: 1 };
    const drag = (type: 'dragEnter' | 'dragOver' | 'drop', x = 640, y = 300) =>
      session.send('Input.dispatchDragEvent', { type, x, y, data });
    const overlay = page.getByTestId('drop-overlay');
    const enteredAt = performance.now();
    await drag('dragEnter');
    await overlay.waitFor();
    process.stderr.write(`overlay after ${Math.round(performance.now() - enteredAt)} ms\n`);
    // no drag of the protocol leaves the page: its event is told by hand
    await page.evaluate(() => window.dispatchEvent(new DragEvent('dragleave')));
    await until(() => overlay.count()).toBe(0);
    await drag('drop');
    // its row comes a moment later: it must not fall into the list that the rest begins with
    await until(() => rows().count()).toBe(1);
    await fresh(0);
    await drag('dragEnter');
    await overlay.waitFor();
    const box = await overlay.locator('[data-preset="h264-480p"]').boundingBox();
    const on = [(box?.x ?? 0) + 10, (box?.y ?? 0) + 10] as const;
    // the first enters it, as of a real drag the next ones stay on it
    await drag('dragOver', ...on);
    await drag('dragOver', ...on);
    await overlay.locator('[data-preset="h264-480p"][data-over]').waitFor();
    await drag('drop', ...on);
    await until(() => rows().count()).toBe(1);
    expect(await overlay.count()).toBe(0);
    await page.getByLabel('Preset for new jobs').selectOption('h264-480p');
    await dropPaths(page, [clip]);
    await until(() => rows().count()).toBe(2);
    const { jobs } = await api.farm();
    const [dropped, chosen] = jobs.map(({ presets, priority, outputFolder }) => ({
      ...{ presets, priority, outputFolder },
    }));
    expect(dropped).toEqual(chosen);
    await page.getByLabel('Preset for new jobs').selectOption('h264-720p');
    await drag('dragEnter');
    await overlay.waitFor();
    await page.keyboard.press('Escape');
    await until(() => overlay.count()).toBe(0);
    await session.detach();
  });

  test('check 15: a job is moved by its keys; focus and selection follow, and the place is said', async () => {
    const before = await fresh(4);
    await grid().focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Alt+ArrowDown');
    await until(ids).toEqual([before[1], before[0], before[2], before[3]]);
    expect(await live()).toBe('2 of 4');
    await until(() => page.locator('[aria-selected=true]').getAttribute('id')).toBe(`row-${before[0]}`);
    expect(await grid().getAttribute('aria-activedescendant')).toBe(`row-${before[0]}`);
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Alt+Shift+ArrowUp');
    await until(ids).toEqual([before[0], before[2], before[1], before[3]]);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await until(ids).toEqual(before);
  });

  test('checks 16 and 17: three removed without a question come back at their indices', async () => {
    const before = await fresh(4);
    await rows().nth(1).click();
    await rows()
      .nth(3)
      .click({ modifiers: ['Shift'] });
    await page.keyboard.press('Escape');
    await grid().focus();
    await page.keyboard.press('Delete');
    await until(shownIds).toEqual([before[0]]);
    expect(await page.locator('dialog[open]').count()).toBe(0);
    await page.keyboard.press('Control+z');
    await until(shownIds).toEqual(before);
    await page.keyboard.press('Control+Shift+Z');
    await until(shownIds).toEqual([before[0]]);
    await page.keyboard.press('Control+z');
    await until(shownIds).toEqual(before);
  });

  test('preset, hold and name are changed in the menu of a row, and taken back', async () => {
    await fresh(4);
    const first = async () => (await api.farm()).jobs[0];
    await rows().nth(0).click({ button: 'right' });
    const menu = page.getByTestId('job-menu');
    await menu.getByText('Preset', { exact: true }).click();
    expect(await seriousAxeFindings(page, { electron: false })).toEqual([]);
    await menu.getByRole('button', { name: 'H.264 480p', exact: true }).click();
    await until(async () => (await first())?.presets).toEqual(['h264-480p']);
    await grid().focus();
    await page.keyboard.press('h');
    await until(async () => (await first())?.held).toBe(false);
    await page.keyboard.press('Control+d');
    await until(() => rows().count()).toBe(5);
    await until(live).toBe('1 added');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await until(async () => (await first())?.presets).toEqual(['h264-320p']);
    await until(() => rows().count()).toBe(4);
    expect((await first())?.held).toBe(true);
  });

  test('check 36: a name is previewed while it is typed, an unknown token is refused, the job is called so', async () => {
    await fresh(2);
    await grid().focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('F2');
    const field = page.getByLabel('Name, with tokens');
    const preview = page.locator('#naming-preview');
    const typedAt = performance.now();
    await field.fill('{source} - {counter}');
    await preview.filter({ hasText: 'clip - 001.mp4' }).waitFor();
    process.stderr.write(`preview after ${Math.round(performance.now() - typedAt)} ms\n`);
    expect(await seriousAxeFindings(page, { electron: false })).toEqual([]);
    await field.fill('{width}');
    expect(await preview.textContent()).toContain('{width} is no token');
    expect(await page.getByRole('button', { name: 'Rename' }).isDisabled()).toBe(true);
    await field.fill('{source} - {counter}');
    await page.keyboard.press('Enter');
    await until(async () => basename((await api.farm()).jobs[0]?.plannedOutput ?? '')).toBe('clip - 001.mp4');
  });

  test('check 19: the stop marker stands below its job and is taken away by its button', async () => {
    await fresh(4);
    await rows().nth(1).click({ button: 'right' });
    await page.getByTestId('job-menu').getByRole('button', { name: 'Stop after this job' }).click();
    const marker = page.getByTestId('stop-marker');
    await marker.waitFor();
    const [above, line, below] = await Promise.all(
      [rows().nth(1), marker, rows().nth(2)].map(async (one) => (await one.boundingBox())?.y ?? 0),
    );
    expect((above ?? 0) < (line ?? 0) && (line ?? 0) < (below ?? 0)).toBe(true);
    await marker.getByRole('button', { name: 'Take the stop marker away' }).click();
    await until(() => marker.count()).toBe(0);
  });

  test('check 45: single keys act in the list only; F6 goes from pane to pane and Tab is caught nowhere', async () => {
    await fresh(2);
    const filter = page.getByLabel('Filter jobs by name or path');
    await page.keyboard.press('Control+f');
    await until(() => page.evaluate(() => document.activeElement?.id)).toBe('queue-filter');
    await page.keyboard.type('phr?');
    expect(await filter.inputValue()).toBe('phr?');
    expect((await api.farm()).stats.paused).toBe(false);
    expect(await page.locator('dialog[open]').count()).toBe(0);
    await filter.fill('');
    const panes: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      await page.keyboard.press('F6');
      panes.push(await page.evaluate(() => document.activeElement?.closest('header, nav, main, aside')?.tagName ?? ''));
    }
    expect(panes.join(' ')).toMatch(/ASIDE HEADER NAV MAIN|HEADER NAV MAIN/);
    const order: string[] = [];
    await page.locator('header button').first().focus();
    for (let count = 0; count < 60; count += 1) {
      const pane = await page.evaluate(
        () => document.activeElement?.closest('header, nav, main, aside, body')?.tagName ?? 'BODY',
      );
      if (order.at(-1) !== pane) order.push(pane);
      await page.keyboard.press('Tab');
    }
    expect(order.slice(0, 3)).toEqual(['HEADER', 'NAV', 'MAIN']);
    expect(order.length).toBeGreaterThan(3);
  });

  test('check 49: every command of the palette is in the menu, and is run from there by its name', async () => {
    await fresh(2);
    await page.keyboard.press('Control+k');
    const options = page.getByRole('listbox', { name: 'Commands' }).getByRole('option');
    await options.first().waitFor();
    const titles = await options.locator('span:nth-child(2)').allTextContents();
    expect(titles.length).toBe(commands.length - 1);
    expect(await seriousAxeFindings(page, { electron: false })).toEqual([]);
    await page.keyboard.type('nodes');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Nodes', exact: false }).and(page.locator('[aria-current=page]')).waitFor();
    await page.keyboard.press('Control+1');
    await grid().waitFor();
    const inMenu = commands.map(({ title }) => title);
    expect(titles.filter((title) => !inMenu.includes(title))).toEqual([]);
    await grid().focus();
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('check 9: five hundred files are five hundred rows within two seconds, and no task of the page takes long', async () => {
    await fresh(1);
    await mkdir(inFolder('many'));
    for (let number = 0; number < 500; number += 1) await copyFile(clip, inFolder(`many/take ${number}x.mp4`));
    await page.evaluate(() => {
      const tasks: number[] = [];
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
        type: 'longtask',
      });
      Object.assign(window, { longTasks: tasks });
    });
    const before = Number(await grid().getAttribute('aria-rowcount'));
    const droppedAt = performance.now();
    await dropPaths(page, [inFolder('many')]);
    await expect
      .poll(async () => Number(await grid().getAttribute('aria-rowcount')) - before, { interval: 50, timeout: 20_000 })
      .toBe(500);
    const tookMs = performance.now() - droppedAt;
    const longest = await page.evaluate(() => Math.max(0, ...(window as unknown as { longTasks: number[] }).longTasks));
    process.stderr.write(`500 rows after ${Math.round(tookMs)} ms, longest task ${Math.round(longest)} ms\n`);
    expect(tookMs).toBeLessThan(2_000);
    expect(longest).toBeLessThan(200);
  });

  test('check 18: P lets running chunks end; Shift and P leave none running within two seconds', async () => {
    await fresh(0);
    const long = inFolder('long.mp4');
    await makeClip(long, { seconds: 40, size: '960x540' });
    await api.submit({ inputs: [{ kind: 'path', path: long }], preset: 'h264-720p', settings: { speed: 'slow' } });
    await farm.addAgent('here', { slots: 2 });
    await rows().filter({ hasText: 'long.mp4' }).and(page.locator('[data-state=encoding]')).waitFor();
    const busy = async () => (await api.farm()).nodes.reduce((sum, node) => sum + node.busySlots, 0);
    await until(busy).toBeGreaterThan(0);
    await grid().focus();
    await page.keyboard.press('p');
    await page.getByTestId('pause-banner').waitFor();
    expect(await busy()).toBeGreaterThan(0);
    const pressedAt = performance.now();
    await page.keyboard.press('Shift+P');
    await expect.poll(busy, { interval: 50, timeout: 10_000 }).toBe(0);
    const stoppedMs = performance.now() - pressedAt;
    process.stderr.write(`none running after ${Math.round(stoppedMs)} ms\n`);
    expect(stoppedMs).toBeLessThan(2_000);
    await page.keyboard.press('Control+Enter');
    await expect.poll(busy, { timeout: 10_000 }).toBeGreaterThan(0);
    await page.keyboard.press('Shift+P');
    await until(busy).toBe(0);
    expect(complaints).toEqual([]);
  });
});

/** Runs in the page: what the preload of the desktop offers, without a desktop. */
function hostOfTest({ apiUrl, token, folder }: { apiUrl: string; token: string; folder: string }): void {
  const nothing = () => () => {};
  Object.assign(window, {
    farmHost: {
      platform: 'linux',
      connection: async () => ({ kind: 'ready', apiUrl, token }),
      onConnection: nothing,
      onInputs: nothing,
      onCommand: nothing,
      pathForFile: (file: File) => `${folder}/${file.name}`,
      chooseFiles: async () => [],
      chooseFolder: async () => null,
      reveal: async () => {},
      copyText: async () => {},
      pasteText: async () => '',
      takeInputs: async () => [],
      reportActivity: () => {},
      takeLinks: async () => [],
      onLinks: nothing,
      onOrder: nothing,
      notify: () => {},
      autoLaunch: async () => false,
      setAutoLaunch: async () => {},
    },
  });
}
