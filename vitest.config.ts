import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const excluded = ['**/node_modules/**', '**/dist/**', '**/out/**'];

/** Too long for `npm test`: only `npm run test:full` runs `*.full.test.ts`. */
const isFull = process.env.REELMILL_TEST_TIER === 'full';

/** Half as many again as there are cores: such tests start processes and wait for them, so two of three are at work. */
const workers = Math.min(8, Math.ceil(1.5 * availableParallelism()));

/** Files that take minutes begin first (`*.long.*`): at the end of a run no worker waits for the other. */
class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = (file: TestSpecification): number => Number(file.moduleId.includes('.long.'));
    return (await super.sort(files)).sort((one, other) => isLong(other) - isLong(one));
  }
}

/** Whole-product runs that measure time or open windows: nothing else may run beside them. */
const alone = ['e2e/desktop/**', named('demo')];
/** Those that kill, fill disks and cut networks: they wait more than they work, so two of them run at a time. */
const paired = ['borrowed', 'chaos', 'fullDisk', 'interrupted', 'namespaces', 'serve'].map(named);
function named(name: string): string {
  return `e2e/${name}.e2e.test.ts`;
}

/**
 * Five kinds of tests, one run, one count: pure and fast ones, those that start real processes, whole-product runs, such
 * runs two at a time, and those that want the machine to themselves.
 */
export default defineConfig({
  test: {
    reporters: ['default', './scripts/countReporter.ts'],
    passWithNoTests: false,
    sequence: { sequencer: LongFilesFirst },
    coverage: {
      provider: 'v8',
      reporter: ['html', 'json-summary', 'text-summary'],
      include: ['packages/*/src/**', 'apps/*/src/**'],
      exclude: ['**/*.test.ts', '**/*.css'],
    },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages,apps}/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [...excluded, '**/*.real.test.ts', '**/*.e2e.test.ts', '**/*.full.test.ts'],
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'real',
          include: ['{packages,apps,e2e,scripts}/**/*.real.test.ts'],
          exclude: excluded,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: workers,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: [
            '{packages,apps,e2e,scripts}/**/*.e2e.test.ts',
            ...(isFull ? ['{packages,apps,e2e}/**/*.full.test.ts'] : []),
          ],
          exclude: [...excluded, ...alone, ...paired],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: workers,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'paired',
          include: paired,
          exclude: excluded,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: 'alone',
          include: alone.map((pattern) => (pattern.endsWith('**') ? `${pattern}/*.e2e.test.ts` : pattern)),
          exclude: excluded,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
