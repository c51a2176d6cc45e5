// Used by tests only: a body shared by several files, so that each stays short.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { rendersRight } from './oddOutcome.ts';
import { oddSources } from './oddSources.ts';
import { testRun } from './testRun.ts';

/** Every fourth odd source, from the given one on: rendered right, or refused by its code. */
export function rendersOddSources(quarter: 0 | 1 | 2 | 3): void {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reelmill-odd-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const sources = oddSources.filter((_, at) => at % 4 === quarter);
  test.each(sources.map((source) => [source.name, source] as const))('%s', async (_, source) => {
    await rendersRight(source, folder, testRun());
  });
}
