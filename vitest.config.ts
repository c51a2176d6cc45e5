import { defineConfig } from 'vitest/config';

const excluded = ['**/node_modules/**', '**/dist/**', '**/out/**'];

/** Too long for `npm test`: only `npm run test:full` runs `*.full.test.ts`. */
const isFull = process.env.REELMILL_TEST_TIER === 'full';

/**
 * Three kinds of tests, one run, one count: pure and fast ones, those that start real processes, and whole-product
 * runs that want the machine to themselves.
 */
export default defineConfig({
  test: {
    reporters: ['default', './scripts/countReporter.ts'],
    passWithNoTests: false,
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
          maxWorkers: 2,
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
          exclude: excluded,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
