import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright';

/** One text of a watched field and when it appeared, milliseconds since the watch began. */
export interface Change {
  readonly text: string;
  readonly atMs: number;
}

/** Records every text the elements matching `selector` show from now on. */
export async function watchTexts(page: Page, selector: string): Promise<() => Promise<Change[]>> {
  await page.evaluate((wanted) => {
    const startedAt = performance.now();
    const changes: { text: string; atMs: number }[] = [];
    const read = () => {
      const text = [...document.querySelectorAll(wanted)].map((element) => element.textContent).join('|');
      if (changes[changes.length - 1]?.text !== text) changes.push({ text, atMs: performance.now() - startedAt });
    };
    read();
    new MutationObserver(read).observe(document.body, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { watchedTexts: changes });
  }, selector);
  return () => page.evaluate(() => (window as unknown as { watchedTexts: Change[] }).watchedTexts);
}

/** Serious and critical findings of axe, one line each. */
export async function seriousAxeFindings(page: Page, options: { electron: boolean }): Promise<string[]> {
  const builder = new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']);
  const { violations } = await builder.setLegacyMode(options.electron).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

/** Sum of layout shifts without user input, from now on. */
export async function watchLayoutShift(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const state = { sum: 0 };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) state.sum += entry.value;
      }
    }).observe({ type: 'layout-shift' });
    Object.assign(window, { layoutShift: state });
  });
  return () => page.evaluate(() => (window as unknown as { layoutShift: { sum: number } }).layoutShift.sum);
}

/** Words that only appear when a missing value was printed. */
export async function brokenNumbers(page: Page): Promise<string[]> {
  const text = (await page.locator('body').textContent()) ?? '';
  return text.match(/\b(NaN|undefined|null|Infinity)\b/g) ?? [];
}
