import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { frameHashes, resolveFfmpeg } from '@reelmill/media';
import { expect, test } from 'vitest';
import { commands } from '../../apps/desktop/src/shared/commands.ts';
import { untilNoProcessNames } from '../support/farmProcesses.ts';
import { makeClip } from '../support/makeClip.ts';
import { dropPaths } from './desktopApp.ts';
import { describeDesktop } from './electronSuite.ts';
import { openFarmApi } from './farmApi.ts';
import { brokenNumbers, seriousAxeFindings, watchLayoutShift, watchTexts } from './pageProbes.ts';

const finished = '[data-testid=job-row][data-state=done], [data-testid=job-row][data-state=failed]';

describeDesktop('the desktop app', (bench) => {
  test('a fresh start shows this computer as a ready node and a focusable way to add files', async () => {
    const startedAt = performance.now();
    const { page, complaints } = await bench.launch();
    await page.getByRole('button', { name: 'Nodes' }).click();
    await page.locator('[data-testid=node-card][data-state=ready]').waitFor({ timeout: 30_000 });
    process.stderr.write(`local node ready ${Math.round(performance.now() - startedAt)} ms after the start\n`);
    expect(await page.getByTestId('node-card').count()).toBe(1);
    await page.getByRole('button', { name: 'Queue' }).click();
    await page.getByRole('button', { name: 'Add files' }).focus();
    expect(await page.locator(':focus').textContent()).toContain('Add files');
    expect(complaints).toEqual([]);
  });

  test('a dropped clip becomes a row at once, its numbers live, and ends as a verified output', async () => {
    const { page, app, complaints } = await bench.launch();
    const clip = join(bench.folder(), 'clip.mp4');
    await makeClip(clip, { seconds: 20, size: '960x540' });
    const texts = await watchTexts(page, '[data-testid=job-row]');
    const shift = await watchLayoutShift(page);
    await dropPaths(page, [clip], { hover: () => page.getByTestId('drop-overlay').waitFor() });
    const droppedAt = performance.now();
    await page.getByTestId('job-row').waitFor();
    const rowMs = performance.now() - droppedAt;
    expect(await page.locator('[role=dialog]').count()).toBe(0);
    expect(await page.getByTestId('drop-overlay').count()).toBe(0);
    expect(await brokenNumbers(page)).toEqual([]);
    await page.locator(finished).waitFor({ timeout: 180_000 });
    expect(await page.locator('[data-testid=job-row] [data-field=percent]').textContent()).toBe('100');
    const changes = await texts();
    const gaps = changes.slice(1).map((change, index) => change.atMs - (changes[index]?.atMs ?? 0));
    process.stderr.write(
      `row after ${Math.round(rowMs)} ms, ${changes.length} changes, longest gap ${Math.round(Math.max(...gaps))} ms\n`,
    );
    expect(rowMs).toBeLessThan(1500);
    expect(changes.length).toBeGreaterThan(8);
    expect(await shift()).toBeLessThan(0.02);

    const output = join(bench.folder(), 'clip_h264-720p.mp4');
    const run = { tools: await resolveFfmpeg(), signal: AbortSignal.timeout(60_000) };
    expect((await frameHashes(output, run)).length).toBe(500);
    await app.evaluate(({ shell }) => {
      shell.showItemInFolder = (path) => Object.assign(globalThis, { revealed: path });
    });
    await page.getByRole('button', { name: 'Reveal output of clip.mp4' }).click();
    await expect.poll(() => app.evaluate(() => (globalThis as { revealed?: string }).revealed)).toBe(output);
    expect(complaints).toEqual([]);
  });

  test('a dropped folder brings its media, and names what it left out', async () => {
    const { page } = await bench.launch();
    const folder = join(bench.folder(), 'shoot');
    await mkdir(join(folder, 'day 1', 'empty'), { recursive: true });
    await makeClip(join(folder, 'one.mp4'), { seconds: 1, size: '320x180' });
    await makeClip(join(folder, 'day 1', 'two.mp4'), { seconds: 1, size: '320x180' });
    await writeFile(join(folder, 'notes.txt'), 'not media');
    await dropPaths(page, [folder]);
    await expect.poll(() => page.getByTestId('job-row').count(), { timeout: 20_000 }).toBe(2);
    await page.getByText('1 skipped: not media').waitFor();
    await page.getByText('notes.txt').waitFor();
    await expect.poll(() => page.locator(finished).count(), { timeout: 120_000 }).toBe(2);
  });

  test('a text file named like a clip fails with cause, fix and a retry, and can be given up', async () => {
    const { page } = await bench.launch();
    const path = join(bench.folder(), 'broken.mp4');
    await writeFile(path, 'this is not a film');
    await dropPaths(page, [path]);
    const row = page.locator('[data-testid=job-row][data-state=failed]');
    await row.waitFor({ timeout: 30_000 });
    expect(await row.textContent()).toMatch(/not media.*Convert it/);
    expect(await row.getByRole('button', { name: 'Retry broken.mp4' }).count()).toBe(1);
    await page.getByRole('navigation').getByRole('button', { name: 'Failures' }).click();
    await page.getByRole('heading', { name: /UNSUPPORTED_MEDIA/ }).waitFor();
    expect(await page.getByRole('button', { name: 'Retry on other nodes' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Give up broken.mp4' }).click();
    await page.getByText('Nothing has failed.').waitFor();
  });

  test('a killed coordinator is back within seconds and the rows go on', async () => {
    const { page, dataDir } = await bench.launch();
    const clip = join(bench.folder(), 'long.mp4');
    await makeClip(clip, { seconds: 30, size: '960x540' });
    await dropPaths(page, [clip]);
    await page.locator('[data-testid=job-row][data-state=encoding]').waitFor({ timeout: 60_000 });
    const { runtime } = await openFarmApi(dataDir);
    process.kill(runtime.pid, 'SIGKILL');
    const killedAt = performance.now();
    await page.getByTestId('link-status').filter({ hasText: 'Offline' }).waitFor();
    expect(await page.getByTestId('job-row').count()).toBe(1);
    await page.getByTestId('link-status').filter({ hasText: 'Live' }).waitFor({ timeout: 30_000 });
    process.stderr.write(`coordinator back after ${Math.round(performance.now() - killedAt)} ms\n`);
    await page.locator('[data-testid=job-row][data-state=done]').waitFor({ timeout: 180_000 });
  });

  test('check 49: every command of the palette is in the application menu, and acts from there', async () => {
    const { page, app } = await bench.launch();
    const inMenu = await app.evaluate(({ Menu }) =>
      (Menu.getApplicationMenu()?.items ?? []).flatMap(({ submenu }) => submenu?.items.map(({ id }) => id) ?? []),
    );
    expect(commands.map(({ id }) => id).filter((id) => !inMenu.includes(id))).toEqual([]);
    await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('nodes')?.click());
    await page.locator('nav [aria-current=page]').filter({ hasText: 'Nodes' }).waitFor();
  });

  test('the window is closed to Node, to navigation, to new windows and to foreign callers', async () => {
    const { page, app } = await bench.launch();
    const inside = await page.evaluate(() => ({
      require: typeof (window as { require?: unknown }).require,
      process: typeof (window as { process?: unknown }).process,
      opened: window.open('https://example.invalid/') === null,
      keys: Object.keys(window.farmHost ?? {}).length,
    }));
    expect(inside).toEqual({ require: 'undefined', process: 'undefined', opened: true, keys: 19 });
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>;
      };
      const { sandbox, contextIsolation, nodeIntegration } = contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration };
    });
    expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false });
    await page.evaluate(() => {
      window.location.href = 'https://example.invalid/';
    });
    expect(new URL(page.url()).origin + new URL(page.url()).host).toContain('reelmill');
    const violation = page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), {
            once: true,
          });
          const script = document.createElement('script');
          script.textContent = 'window.injected = true';
          document.head.append(script);
        }),
    );
    expect(await violation).toContain('script-src');
    await expect(page.evaluate(() => window.farmHost?.reveal('relative/path'))).rejects.toThrow(/absolute path/);
  });

  test('every screen is free of serious accessibility findings', async () => {
    const { page } = await bench.launch();
    const clip = join(bench.folder(), 'short.mp4');
    await makeClip(clip, { seconds: 1, size: '320x180' });
    await dropPaths(page, [clip]);
    await page.locator(finished).waitFor({ timeout: 60_000 });
    await page.getByTestId('job-row').click();
    for (const screen of ['Queue', 'Nodes', 'Presets', 'Watch folders', 'Failures', 'Settings']) {
      await page.getByRole('button', { name: screen, exact: false }).first().click();
      expect(await seriousAxeFindings(page, { electron: true }), screen).toEqual([]);
    }
  });

  test('checks 42 and 43: quitting while a job runs offers three choices, links that change something ask first', async () => {
    const { app, page } = await bench.launch();
    const clip = join(bench.folder(), 'long.mp4');
    await makeClip(clip, { seconds: 30, size: '640x360' });
    await dropPaths(page, [clip]);
    await page.locator('[data-testid=job-row][data-state=encoding]').waitFor({ timeout: 60_000 });
    /** Quits, answers the question, and tells what was asked and what became of the window. */
    const quitWith = (response: number) =>
      app.evaluate(async ({ app: electronApp, BrowserWindow, dialog }, answer) => {
        const asked = new Promise<unknown[]>((resolve) => {
          dialog.showMessageBox = (async (...args: unknown[]) => {
            resolve(args);
            return { response: answer, checkboxChecked: false };
          }) as typeof dialog.showMessageBox;
        });
        electronApp.quit();
        const { buttons, defaultId } = (await asked).at(-1) as { buttons: string[]; defaultId: number };
        await new Promise((resolve) => setImmediate(resolve));
        return { buttons, focused: buttons[defaultId], visible: BrowserWindow.getAllWindows()[0]?.isVisible() };
      }, response);
    // from then on the main process knows that a job is under way
    await app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<void>((resolve) => {
          const [window] = BrowserWindow.getAllWindows();
          if (window) window.setProgressBar = (value) => value >= 0 && resolve();
        }),
    );
    const buttons = ['Keep in tray', 'Pause and quit', 'Stay'];
    expect(await quitWith(2)).toEqual({ buttons, focused: 'Stay', visible: true });
    expect(await quitWith(0)).toEqual({ buttons, focused: 'Stay', visible: false });
    const openLink = (link: string) =>
      app.evaluate(({ app: electronApp }, url) => void electronApp.emit('second-instance', {}, [url], '/'), link);
    await openLink('reelmill://pair?code=418-202');
    await page.getByText('Nothing was paired').waitFor();
    await page.getByRole('button', { name: 'Queue' }).click();
    const another = join(bench.folder(), 'another.mp4');
    await makeClip(another, { seconds: 1, size: '320x180' });
    await openLink(`reelmill://add?path=${encodeURIComponent(another)}`);
    const question = page.getByRole('dialog', { name: 'Add this file to the queue?' });
    await question.getByText(another).waitFor();
    await expect.poll(() => page.locator(':focus').textContent()).toBe('Do nothing');
    expect(await page.getByTestId('job-row').count()).toBe(1);
    await question.getByRole('button', { name: 'Add' }).click();
    await page.getByTestId('job-row').nth(1).waitFor();
    await openLink('reelmill://job/J-zzzzzzzzzz');
    await page.getByText('There is no job J-zzzzzzzzzz here any more.').waitFor();
    // a signal is not asked about: a machine that shuts down waits for nobody
    const ended = new Promise((resolve) => app.process().once('exit', resolve));
    app.process().kill('SIGTERM');
    await ended;
  });

  test('closing the window ends coordinator, agent and encoders, and the next start finds the queue again', async () => {
    const first = await bench.launch();
    const clip = join(bench.folder(), 'again.mp4');
    await makeClip(clip, { seconds: 1, size: '320x180' });
    await dropPaths(first.page, [clip]);
    await first.page.locator('[data-testid=job-row][data-state=done]').waitFor({ timeout: 60_000 });
    await first.close();
    const second = await bench.launch();
    await second.page.locator('[data-testid=job-row][data-state=done]').waitFor();
    expect((await stat(join(bench.folder(), 'again_h264-720p.mp4'))).size).toBeGreaterThan(1000);
  });

  test('an app killed mid-encode takes its farm with it; the next start goes on where it was', async () => {
    const first = await bench.launch();
    const clip = join(bench.folder(), 'survivor.mp4');
    await makeClip(clip, { seconds: 16, size: '640x360' });
    await dropPaths(first.page, [clip]);
    await first.page.locator('[data-testid=job-row][data-state=encoding]').waitFor({ timeout: 60_000 });
    first.app.process().kill('SIGKILL');
    await untilNoProcessNames(bench.folder(), 15_000);
    const second = await bench.launch();
    await second.page.locator('[data-testid=job-row][data-state=done]').waitFor({ timeout: 180_000 });
  });
});
