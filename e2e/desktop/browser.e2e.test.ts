import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildDesktopIfStale } from '../../scripts/buildDesktop.mjs';
import { temporaryFolder } from '../support/farmProcesses.ts';
import { makeClip } from '../support/makeClip.ts';
import { type ServeFarm, serveFarm } from '../support/serveFarm.ts';
import { dropPaths, watchComplaints } from './desktopApp.ts';
import { openFarmApi } from './farmApi.ts';
import { brokenNumbers, seriousAxeFindings } from './pageProbes.ts';

const executablePath = ['/usr/bin/chromium', chromium.executablePath()].find(existsSync);
if (!executablePath) process.stderr.write('Not run: no Chromium on this machine\n');

/** The sign-in page, which exchanges the code, comes with status 401. */
const signInAnswer = /status of 401/;
const live = (page: Page) => page.getByTestId('link-status').filter({ hasText: 'Live' });

describe.skipIf(!executablePath)('the same interface in a browser, served by the coordinator', () => {
  let browser: Browser;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let farm: ServeFarm;
  let complaints: string[];

  beforeAll(async () => {
    buildDesktopIfStale();
    // In a POSIX locale Chromium drops no file whose name is not ASCII.
    const env = { ...(process.env as Record<string, string>), LC_ALL: 'C.UTF-8' };
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'], env });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    folder = await temporaryFolder();
    farm = serveFarm(folder.path);
    await farm.startCoordinator();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await farm.stop();
    await folder.remove();
  });

  async function open(colorScheme: 'dark' | 'light' = 'dark'): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme });
    const page = await context.newPage();
    complaints = watchComplaints(page, signInAnswer);
    await page.goto(farm.ready().url);
    await live(page).waitFor({ timeout: 30_000 });
    return page;
  }

  test('the printed address opens as it is, its code leaves the address bar, a reload stays signed in', async () => {
    const page = await open();
    expect(page.url()).not.toContain('code=');
    await page.reload();
    await live(page).waitFor();
    const stranger = await (await browser.newContext()).newPage();
    const answer = await stranger.goto(farm.ready().apiUrl);
    expect(await stranger.getByTestId('job-row').count()).toBe(0);
    const api = await stranger.evaluate(() => fetch('/api/v1/jobs').then((response) => response.status));
    expect([answer?.status(), api]).toEqual([expect.any(Number), 401]);
    expect(complaints).toEqual([]);
  });

  test('a node is paused, resumed and given hours from its card, which says by whom', async () => {
    await farm.addAgent('lent', { args: ['--cpu-limit', '50%'] });
    const page = await open();
    await page.getByRole('button', { name: 'Nodes' }).click();
    const card = page.locator('[data-testid=node-card][data-node="lent"]');
    await card.getByRole('button', { name: 'Pause now' }).click();
    const lending = card.locator('[data-field=lending]');
    await lending.getByText('Takes nothing new: paused at once by owner.').waitFor();
    expect(await card.getByText('Paused', { exact: true }).count()).toBe(1);
    expect(await lending.textContent()).toContain('at most 50 % of its processors');
    await card.getByRole('button', { name: 'Resume' }).click();
    await card.getByText('Ready', { exact: true }).waitFor();
    await card.getByRole('button', { name: 'Pause after chunks' }).waitFor();
    await card.getByRole('button', { name: 'Hours…' }).click();
    const hours = card.getByLabel('Hours in which the farm uses it');
    await hours.fill('moo 00:00-24:00');
    await card.getByText('names a day that is none of').waitFor();
    await hours.fill('mon-sun 00:00-24:00');
    await card.getByRole('button', { name: 'Set hours' }).click();
    await lending.getByText('used mon-sun 00:00-24:00 (set by owner)').waitFor();
    await card.getByText('Ready', { exact: true }).waitFor();
    await card.getByRole('button', { name: 'Hours…' }).click();
    await card.getByRole('button', { name: 'At all hours' }).click();
    await lending.getByText('used mon-sun').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Add node' }).first().click();
    await page.getByRole('button', { name: 'Examine this farm' }).click();
    const findings = page.getByRole('region', { name: 'Doctor' }).getByRole('listitem');
    await findings.first().waitFor();
    expect(await findings.evaluateAll((items) => items.map((item) => item.dataset.state))).toEqual(Array(9).fill('ok'));
    expect(await seriousAxeFindings(page, { electron: false })).toEqual([]);
  });

  test('a clip dropped on the page is uploaded and rendered, and nothing violates the content policy', async () => {
    await farm.addAgent('here');
    const page = await open();
    const violations: string[] = [];
    await page.exposeFunction('noteViolation', (text: string) => violations.push(text));
    await page.evaluate(() => {
      const note = (window as unknown as { noteViolation(text: string): void }).noteViolation;
      document.addEventListener('securitypolicyviolation', (event) =>
        note(`${event.effectiveDirective} ${event.blockedURI}`),
      );
    });
    const clip = join(folder.path, 'clip ä.mp4');
    await makeClip(clip, { seconds: 4, size: '320x180' });
    await dropPaths(page, [clip]);
    await page.getByTestId('job-row').waitFor({ timeout: 20_000 });
    expect(await page.getByTestId('job-row').textContent()).toContain('clip');
    await page.locator('[data-testid=job-row][data-state=done]').waitFor({ timeout: 120_000 });
    expect(await brokenNumbers(page)).toEqual([]);
    const { farm: read } = await openFarmApi(farm.dataDir);
    const job = (await read()).jobs[0];
    expect(job?.outputs[0]?.frames).toBe(100);
    expect(violations).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('a coordinator that goes away leaves the last values, dimmed and dated, and comes back by itself', async () => {
    const page = await open();
    await farm.coordinator().stop();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('as of');
    expect(await page.getByText('Drop clips or folders anywhere').count()).toBe(1);
    await farm.startCoordinator();
    await live(page).waitFor({ timeout: 30_000 });
  });

  test('keys move the selection, open and close the details, and remove a job', async () => {
    await farm.addAgent('here');
    const page = await open();
    for (const name of ['one.mp4', 'two.mp4']) {
      await makeClip(join(folder.path, name), { seconds: 1, size: '320x180' });
    }
    await farm.submit(join(folder.path, 'one.mp4'), ['--preset', 'h264-480p']);
    await farm.submit(join(folder.path, 'two.mp4'), ['--preset', 'h264-480p']);
    await expect
      .poll(() => page.locator('[data-testid=job-row][data-state=done]').count(), { timeout: 120_000 })
      .toBe(2);
    await page.getByRole('grid', { name: 'Jobs' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByTestId('job-detail').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('inspector').waitFor();
    expect(await page.getByTestId('inspector').textContent()).toContain('two.mp4');
    await page.getByRole('grid', { name: 'Jobs' }).focus();
    await page.keyboard.press('Escape');
    expect(await page.getByTestId('inspector').count()).toBe(0);
    await page.keyboard.press('Delete');
    await expect.poll(() => page.getByTestId('job-row').count()).toBe(1);
    expect(await page.getByTestId('job-row').textContent()).toContain('one.mp4');
  });

  test('jobs are held, moved and given a priority in their rows, and the farm is paused', async () => {
    const page = await open();
    for (const name of ['one.mp4', 'two.mp4', 'three.mp4']) {
      await makeClip(join(folder.path, name), { seconds: 1, size: '320x180' });
      await farm.submit(join(folder.path, name), ['--preset', 'h264-480p', '--hold']);
    }
    const names = () => page.locator('[data-testid=job-row] [data-field=name]').allTextContents();
    const row = (name: string) => page.getByTestId('job-row').filter({ hasText: name });
    await expect.poll(names).toEqual(['one.mp4', 'two.mp4', 'three.mp4']);
    await row('one.mp4').getByRole('button', { name: 'Resume one.mp4' }).click();
    await expect.poll(() => page.locator('[data-testid=job-row][data-held]').count()).toBe(2);
    expect(await row('two.mp4').textContent()).toContain('held');
    await row('three.mp4').getByRole('button', { name: 'Priority and place of three.mp4' }).click();
    expect(await seriousAxeFindings(page, { electron: false })).toEqual([]);
    await page.getByTestId('job-menu').getByRole('button', { name: 'high', exact: true }).click();
    await row('three.mp4').getByTestId('job-mark').filter({ hasText: 'high' }).waitFor();
    await expect.poll(names).toEqual(['three.mp4', 'one.mp4', 'two.mp4']);
    await row('two.mp4').click({ button: 'right' });
    await page.getByTestId('job-menu').getByRole('button', { name: 'To the top' }).click();
    await expect.poll(names).toEqual(['three.mp4', 'two.mp4', 'one.mp4']);
    await page.getByRole('grid', { name: 'Jobs' }).focus();
    await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(names).toEqual(['three.mp4', 'one.mp4', 'two.mp4']);
    await page.keyboard.press('p');
    await page.getByTestId('pause-banner').getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => page.getByTestId('pause-banner').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test.each(['dark', 'light'] as const)('every screen is free of serious accessibility findings, %s', async (theme) => {
    await farm.addAgent('here');
    const page = await open(theme);
    for (const screen of ['Queue', 'Nodes', 'Presets', 'Watch folders', 'Failures', 'Settings']) {
      await page.getByRole('navigation').getByRole('button', { name: screen }).click();
      expect(await seriousAxeFindings(page, { electron: false }), screen).toEqual([]);
    }
  });
});
