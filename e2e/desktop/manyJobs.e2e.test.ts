import { existsSync } from 'node:fs';
import { chromium } from 'playwright';
import { describe, expect, test } from 'vitest';
import { buildDesktopIfStale } from '../../scripts/buildDesktop.mjs';
import { startFixtureServer } from './fixtureServer.ts';
import { brokenNumbers, watchLayoutShift } from './pageProbes.ts';

const executablePath = ['/usr/bin/chromium', chromium.executablePath()].find(existsSync);

describe.skipIf(!executablePath)('a thousand jobs', () => {
  test('the list stays small in elements, keeps its order and never shifts while numbers change', async () => {
    buildDesktopIfStale();
    const fixture = await startFixtureServer({ port: 0, jobs: 1000 });
    const browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
      await page.goto(fixture.url);
      await page.getByTestId('job-row').first().waitFor({ timeout: 30_000 });
      expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('1001');
      expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(3000);
      const shift = await watchLayoutShift(page);
      const order = () => page.getByTestId('job-row').evaluateAll((rows) => rows.map((row) => row.id));
      const before = await order();
      const percent = page.locator('[data-testid=job-row] [data-field=percent]').first();
      const first = await percent.textContent();
      await expect.poll(() => percent.textContent(), { timeout: 30_000 }).not.toBe(first);
      expect(await order()).toEqual(before);
      // A right-aligned number that gains a digit counts as a shift of a few hundred square pixels; nothing else may move.
      expect(await shift()).toBeLessThan(0.001);
      expect(await brokenNumbers(page)).toEqual([]);
      expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
      await page.getByRole('grid').focus();
      await page.keyboard.press('End');
      await expect.poll(() => page.locator('[data-testid=job-row][aria-rowindex="1001"]').count()).toBe(1);
    } finally {
      await browser.close();
      await fixture.close();
    }
  });
});
