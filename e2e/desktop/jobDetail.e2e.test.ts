import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AttemptLog, type JobHistory } from '@reelmill/protocol';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDesktopIfStale } from '../../scripts/buildDesktop.mjs';
import { runCli, temporaryFolder } from '../support/farmProcesses.ts';
import { makeClip } from '../support/makeClip.ts';
import { type ServeFarm, serveFarm } from '../support/serveFarm.ts';
import { watchComplaints } from './desktopApp.ts';
import { startFixtureServer } from './fixtureServer.ts';
import { brokenNumbers, seriousAxeFindings } from './pageProbes.ts';

const executablePath = ['/usr/bin/chromium', chromium.executablePath()].find(existsSync);
if (!executablePath) process.stderr.write('Not run: no Chromium on this machine\n');

let browser: Browser;
beforeAll(async () => {
  if (!executablePath) return;
  buildDesktopIfStale();
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
afterAll(() => browser?.close());

async function openPage(url: string, colorScheme: 'dark' | 'light' = 'dark'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme });
  const page = await context.newPage();
  await page.goto(url);
  await page.getByTestId('job-row').first().waitFor({ timeout: 30_000 });
  return page;
}

const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click();
const cursor = (page: Page) => page.locator('#chunk-cursor');
const cursorText = (page: Page) => cursor(page).getAttribute('aria-valuetext');

describe.skipIf(!executablePath)('the detail of a job, over an invented farm', () => {
  let fixture: Awaited<ReturnType<typeof startFixtureServer>>;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    fixture = await startFixtureServer({ port: 0, jobs: 14 });
    page = await openPage(fixture.url);
    complaints = watchComplaints(page);
    await page.getByTestId('job-row').nth(1).dblclick();
    await page.getByTestId('job-detail').waitFor();
    await page.locator('[data-stage=encode]').waitFor();
  });
  afterAll(() => fixture?.close());

  test('check 25: the map has a cell for each chunk, and its one proxy says index, timecode, state, attempt and node', async () => {
    expect(await page.getByTestId('chunk-map').getAttribute('data-cells')).toBe('96');
    expect(await page.locator('[data-testid=chunk-map] [tabindex="0"]').count()).toBe(1);
    expect(await cursor(page).getAttribute('aria-valuemax')).toBe('96');
    expect(await cursorText(page)).toBe(
      'Chunk 1 of 96 · 00:00:00.000–00:00:02.000 · verified · try 1 · studio · 54 fps',
    );
  });

  test('check 27: arrows rove, Enter opens the chunk, Escape brings the focus back, and once more leads to the queue', async () => {
    await cursor(page).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    expect(await cursorText(page)).toContain('Chunk 62 of 96 · 00:02:02.000');
    await page.keyboard.press('Enter');
    const inspector = page.getByTestId('chunk-inspector');
    await inspector.waitFor();
    expect(await inspector.textContent()).toContain('Chunk 62 of 96');
    await page.keyboard.press('Escape');
    expect(await inspector.count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('chunk-cursor');
    await page.keyboard.press('Escape');
    await page.getByTestId('job-row').first().waitFor();
    expect(await page.getByTestId('job-detail').count()).toBe(0);
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('grid');
    await page.keyboard.press('Enter');
    await page.getByTestId('job-detail').waitFor();
  });

  test('check 28: seven states with seven words and seven shapes, also where the system forces its colours', async () => {
    for (const forcedColors of ['none', 'active'] as const) {
      await page.emulateMedia({ forcedColors });
      const legend = page.getByTestId('chunk-legend').getByRole('listitem');
      const words = await legend.allTextContents();
      expect(new Set(words).size).toBe(7);
      const shapes = await page
        .locator('[data-testid=chunk-legend] canvas')
        .evaluateAll((all) => all.map((one) => (one as HTMLCanvasElement).toDataURL()));
      expect(new Set(shapes).size, forcedColors).toBe(7);
    }
    await page.emulateMedia({ forcedColors: 'none' });
  });

  test('the inspector of a chunk has every earlier attempt with node, duration, code and cause', async () => {
    await cursor(page).focus();
    await page.keyboard.press('Home');
    for (let moved = 0; moved < 64; moved++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const attempts = page.getByTestId('chunk-attempt');
    await expect.poll(() => attempts.count()).toBeGreaterThan(0);
    const lost = await attempts.last().textContent();
    for (const part of ['try 1', 'mini-2', 'lost', 'LEASE_LOST', 'did not answer']) expect(lost).toContain(part);
    expect(lost).toMatch(/\d\d:\d\d:\d\d–\d\d:\d\d:\d\d · \d+\.\d s/);
  });

  test('map and timeline have tables that say the same', async () => {
    const show = (name: string) =>
      page.getByRole('region', { name }).getByRole('button', { name: 'Show table' }).click();
    await show('Chunks');
    expect(await page.getByTestId('chunk-table').getByRole('row').count()).toBe(97);
    await show('Timeline of nodes');
    expect(await page.getByTestId('timeline-table').textContent()).toContain('LEASE_LOST');
    await page.getByRole('button', { name: 'Show map' }).click();
    await page.getByRole('button', { name: 'Show timeline' }).click();
  });

  test('check 39: quality says what is proven and that SSIM is not measured, and never VMAF', async () => {
    await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('button', { name: 'Queue' }).click();
    await page.getByTestId('job-row').nth(4).dblclick();
    await tab(page, 'Quality');
    const text = await page.getByTestId('quality').textContent();
    expect(text).toContain('15,000, as many as the source');
    expect(text).toContain('299 proven');
    expect(text).toContain('SSIM: not measured');
    expect(await page.locator('body').textContent()).not.toContain('VMAF');
  });

  test.each(['dark', 'light'] as const)(
    'check 44: no tab has a serious accessibility finding, %s',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      for (const name of ['Map', 'Log', 'Command', 'Quality']) {
        await tab(page, name);
        expect(await seriousAxeFindings(page, { electron: false }), name).toEqual([]);
        expect(await brokenNumbers(page), name).toEqual([]);
      }
      expect(complaints).toEqual([]);
    },
  );
});

describe.skipIf(!executablePath)('the detail of a job, over a real farm', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let farm: ServeFarm;

  beforeAll(async () => {
    folder = await temporaryFolder();
    farm = serveFarm(folder.path);
    await farm.startCoordinator();
  });
  afterAll(async () => {
    await farm?.stop();
    await folder?.remove();
  });

  test('check 26: a killed node leaves its lost bar, its chunk says try 2, and the log of the second try is FFmpeg’s', async () => {
    const doomed = await farm.addAgent('doomed');
    const clip = join(folder.path, 'reel.mp4');
    await makeClip(clip, { seconds: 16, size: '640x360' });
    const begins = doomed.until((line) => line.type === 'task' && line.event === 'start' && line.kind === 'encode');
    const args = ['--preset', 'h264-720p', '--chunk-seconds', '2', '--set', 'speed=slow'];
    const jobId = await farm.submit(clip, args);
    await begins;
    doomed.child.kill('SIGKILL');
    const page = await openPage(farm.ready().url);
    await page.getByTestId('job-row').dblclick();
    await page.locator('[data-stage=encode]').waitFor({ timeout: 30_000 });
    // a second copy on an idle node could win before the silence of the first is a loss
    const losses = async () => {
      const { lines } = await runCli(['logs', jobId, '--json', '--data', farm.dataDir]);
      return (lines[0] as unknown as Pick<JobHistory, 'attempts'>).attempts.filter(({ state }) => state === 'lost')
        .length;
    };
    await expect.poll(losses, { timeout: 30_000 }).toBeGreaterThan(0);
    await farm.addAgent('saver');
    const line = await farm.jobLine(jobId);
    expect(line.outputs).toHaveLength(1);
    await page.getByRole('region', { name: 'Timeline of nodes' }).getByRole('button', { name: 'Show table' }).click();
    const table = await page.getByTestId('timeline-table').textContent();
    expect(table).toContain('doomed');
    const { lines } = await runCli(['logs', jobId, '--json', '--data', farm.dataDir]);
    const told = lines[0] as unknown as { attempts: JobHistory['attempts']; log: unknown };
    const lost = told.attempts.find(({ state, kind }) => state === 'lost' && kind === 'encode');
    expect(lost).toMatchObject({ node: 'doomed', attempt: 1 });
    expect(AttemptLog.parse(told.log)).toMatchObject({ from: 'none', node: 'doomed' });
    const chunk = (lost?.chunkIndex ?? 0) + 1;
    await cursor(page).focus();
    await page.keyboard.press('Home');
    for (let moved = 1; moved < chunk; moved++) await page.keyboard.press('ArrowRight');
    expect(await cursorText(page)).toContain('verified · try 2 · saver');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Log of try 2' }).click();
    await expect.poll(() => page.getByTestId('attempt-log').textContent(), { timeout: 15_000 }).toContain('libx264');
    await page.getByRole('button', { name: 'Command of try 2' }).click();
    await expect.poll(() => page.getByTestId('command').textContent(), { timeout: 15_000 }).toContain('-preset slow');
    await tab(page, 'Quality');
    await expect.poll(() => page.getByTestId('quality').textContent(), { timeout: 15_000 }).toContain('7 proven');
    for (const stage of ['probe', 'index', 'encode', 'upload', 'verify', 'join', 'check', 'publish']) {
      expect(await page.locator(`[data-stage=${stage}]`).getAttribute('data-state'), stage).toBe('done');
    }
    const second = ['logs', jobId, '--chunk', String(chunk), '--attempt', '2', '--json', '--data', farm.dataDir];
    const { log } = (await runCli(second)).lines[0] as unknown as { log: unknown };
    expect(AttemptLog.parse(log)).toMatchObject({
      from: 'node',
      node: 'saver',
      runs: [{ program: 'ffmpeg', exitCode: 0 }],
    });
  }, 180_000);
});
