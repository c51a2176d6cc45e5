import { expect, test } from 'vitest';
import { mergeRules, readRules } from './lifecycleRules.ts';

const foreign = `<Rule><ID>logs &amp; more</ID><Filter><And><Prefix>007/</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></And></Filter>
  <Status>Disabled</Status><Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration></Rule>`;
const document = (rules: string): string =>
  `<?xml version="1.0"?><LifecycleConfiguration>${rules}</LifecycleConfiguration>`;

test('rules of others stay to the letter, whatever becomes of ours', () => {
  const own = { days: 30, abortUploadsAfterDays: 2 };
  const written = mergeRules(document(foreign), own) ?? '';
  expect(written).toContain(foreign);
  expect(readRules(written)).toEqual({ own, foreignRules: 1 });
  const changed = mergeRules(written, { ...own, days: 7 }) ?? '';
  expect(readRules(changed)).toEqual({ own: { ...own, days: 7 }, foreignRules: 1 });
  expect(changed.match(/reelmill-scratch/g)).toHaveLength(1);
  expect(mergeRules(changed, null)).toBe(mergeRules(document(foreign), null));
  expect(mergeRules(changed, null)).toContain(foreign);
});

test('a bucket without rules has none afterwards', () => {
  expect(readRules('')).toEqual({ own: null, foreignRules: 0 });
  const written = mergeRules('', { days: 3, abortUploadsAfterDays: 1 });
  expect(mergeRules(written ?? '', null)).toBeNull();
});
