import { execFile } from 'node:child_process';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { _electron } from 'playwright';
import { expect, test } from 'vitest';
import { temporaryFolder, untilNoProcessNames } from '../support/farmProcesses.ts';
import { makeClip } from '../support/makeClip.ts';
import { desktopEnvironment, dropPaths, quitApp, watchComplaints } from './desktopApp.ts';
import { describeDesktop } from './electronSuite.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Packs with the Electron the tests use; without its own loader, which would win over the packed application. */
async function pack(distPath: string, folder: string): Promise<string> {
  const electronDist = join(folder, 'electron');
  await cp(distPath, electronDist, { recursive: true, verbatimSymlinks: true });
  await rm(join(electronDist, 'resources', 'app'), { recursive: true, force: true });
  const output = join(folder, 'packed');
  const options = [`-c.electronDist=${electronDist}`, `-c.directories.output=${output}`];
  await promisify(execFile)(process.execPath, ['scripts/packDesktop.mjs', '--dir', ...options], {
    cwd: root,
    maxBuffer: 1 << 26,
  });
  return join(output, 'linux-unpacked', 'reelmill-desktop');
}

describeDesktop('the packed app', (bench) => {
  test('starts from its own files alone, has this computer as a node, and renders a dropped clip', async () => {
    const work = await temporaryFolder();
    try {
      const executablePath = await pack(bench.distPath(), work.path);
      const { REELMILL_NODE: _, ...environment } = desktopEnvironment({
        display: bench.display(),
        folder: join(work.path, 'farm'),
      });
      const app = await _electron.launch({ executablePath, args: ['--no-sandbox'], cwd: work.path, env: environment });
      try {
        expect(await app.evaluate((electron) => electron.app.isPackaged)).toBe(true);
        const page = await app.firstWindow();
        const complaints = watchComplaints(page);
        await page.getByTestId('link-status').filter({ hasText: 'Live' }).waitFor({ timeout: 60_000 });
        await page.getByRole('navigation').getByRole('button', { name: 'Nodes' }).click();
        await page.locator('[data-testid=node-card][data-state=ready]').waitFor({ timeout: 60_000 });
        expect(await page.getByTestId('node-card').count()).toBe(1);
        const clip = join(work.path, 'clip.mp4');
        await makeClip(clip, { seconds: 1, size: '320x180' });
        await dropPaths(page, [clip]);
        await page.locator('[data-testid=job-row][data-state=done]').waitFor({ timeout: 120_000 });
        expect(complaints).toEqual([]);
      } finally {
        await quitApp(app);
      }
      await untilNoProcessNames(join(work.path, 'farm'), 15_000);
    } finally {
      await work.remove();
    }
  }, 600_000);
});
