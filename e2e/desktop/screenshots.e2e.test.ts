import { mkdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { type StartedProcess, startAgent } from '../support/farmProcesses.ts';
import { makeClip } from '../support/makeClip.ts';
import { dropPaths } from './desktopApp.ts';
import { describeDesktop } from './electronSuite.ts';
import { openFarmApi } from './farmApi.ts';
import { brokenNumbers, seriousAxeFindings } from './pageProbes.ts';

/** `UPDATE_SCREENSHOTS=1` renews the pictures of the documentation; otherwise they are only made and thrown away. */
const target = process.env.UPDATE_SCREENSHOTS === '1' ? '../../docs/screenshots' : '../../test-results/screenshots';
const pictures = fileURLToPath(new URL(target, import.meta.url));

async function picture(page: Page, name: string): Promise<void> {
  await mkdir(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
  expect(await brokenNumbers(page), name).toEqual([]);
  expect(await seriousAxeFindings(page, { electron: true }), name).toEqual([]);
}

const row = (page: Page, name: string, state?: string) =>
  page.locator(`[data-testid=job-row]${state ? `[data-state=${state}]` : ''}`).filter({ hasText: name });
const screen = (page: Page, name: string) => page.getByRole('navigation').getByRole('button', { name }).click();

describeDesktop('the six states a user sees, from real renders', (bench) => {
  test('empty, drop, running on three nodes, node offline and retry, failed, done', async () => {
    const { page, dataDir } = await bench.launch();
    const agent = async (name: string): Promise<StartedProcess> => {
      const folders = ['--data', join(bench.folder(), name), '--local-data-dir', dataDir];
      const started = startAgent(['--json', '--no-mdns', '--name', name, '--slots', '1', ...folders]);
      bench.afterwards(() => started.stop());
      await started.until((line) => line.type === 'joined');
      return started;
    };
    const media = join(bench.folder(), 'Rushes');
    await mkdir(media);
    const clip = (name: string) => join(media, name);
    await makeClip(clip('INT_03_take2.mp4'), { seconds: 4, size: '640x360' });
    await makeClip(clip('REEL_A_v7.mp4'), { seconds: 96, size: '1280x720' });
    await makeClip(clip('BROLL_pickup.mp4'), { seconds: 24, size: '960x540' });
    await makeClip(clip('CAM2_0041.mp4'), { seconds: 8, size: '640x360' });
    await truncate(clip('CAM2_0041.mp4'), 60_000);

    await page
      .getByText('0 of 2 slots')
      .or(page.getByText(/0 of \d+ slots/))
      .first()
      .waitFor({ timeout: 60_000 });
    await picture(page, 'empty');

    await dropPaths(page, [clip('INT_03_take2.mp4')], {
      hover: async () => {
        await page.getByTestId('drop-overlay').waitFor();
        await page.screenshot({ path: join(pictures, 'drop.png') });
      },
    });
    await row(page, 'INT_03').waitFor();

    const helpers = [await agent('tower'), await agent('mini-2')];
    const api = await openFarmApi(dataDir);
    const submit = (name: string) =>
      api.submit({
        inputs: [{ kind: 'path', path: clip(name) }],
        preset: 'h264-720p',
        settings: { speed: 'veryfast' },
        chunkSeconds: 2,
      });
    await submit('REEL_A_v7.mp4');
    await submit('BROLL_pickup.mp4');
    await row(page, 'REEL_A', 'encoding').waitFor({ timeout: 120_000 });
    await row(page, 'REEL_A').click();
    await expect
      .poll(async () => (await api.farm()).jobs.find(({ name }) => name.startsWith('REEL'))?.chunksDone, {
        timeout: 180_000,
      })
      .toBeGreaterThan(8);
    await picture(page, 'running');

    const busy = async () => (await api.farm()).nodes.find(({ name }) => name === 'mini-2')?.busySlots;
    await expect.poll(busy, { timeout: 60_000, interval: 100 }).toBeGreaterThan(0);
    helpers[1]?.child.kill('SIGKILL');
    const killedAt = performance.now();
    await screen(page, 'Nodes');
    await page.locator('[data-testid=node-card][data-node="mini-2"][data-state=offline]').waitFor({ timeout: 60_000 });
    process.stderr.write(`offline shown ${Math.round(performance.now() - killedAt)} ms after the kill\n`);
    await picture(page, 'node-offline');
    await screen(page, 'Queue');
    const tryAgain = async () =>
      (await api.farm()).jobs
        .flatMap(({ chunks }) => chunks)
        .filter(({ state, attempt }) => state === 'encoding' && attempt > 1).length;
    await expect.poll(tryAgain, { timeout: 60_000, interval: 100 }).toBeGreaterThan(0);
    await picture(page, 'retry');

    await dropPaths(page, [clip('CAM2_0041.mp4')]);
    await row(page, 'CAM2', 'failed').waitFor({ timeout: 120_000 });
    await row(page, 'CAM2').click();
    await picture(page, 'failed');

    await row(page, 'REEL_A', 'done').waitFor({ timeout: 280_000 });
    await row(page, 'BROLL', 'done').waitFor({ timeout: 120_000 });
    await row(page, 'REEL_A').click();
    await picture(page, 'done');
  }, 900_000);
});
