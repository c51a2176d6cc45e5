import type { Command } from 'commander';
import { wholeNumber } from './options.ts';

/** Longer than any job may take: what a bucket removes earlier is made again. */
const defaultDays = 30;

export function addStoreCommand(program: Command): void {
  const store = program.command('store').description('what the store of the farm does by itself');
  store
    .command('lifecycle')
    .description("write the bucket's own rule: what jobs leave below videos/ goes after some days (S3 only)")
    .option(
      '--days <n>',
      `days after which it goes, from 2 (default: ${defaultDays})`,
      wholeNumber(2, 3650),
      defaultDays,
    )
    .option('--show', 'only say what rule there is')
    .option('--remove', 'take the rule away; rules of others stay')
    .option('--json', 'JSON on standard output')
    .addHelpText(
      'after',
      '\nReads REELMILL_S3_ENDPOINT, _ACCESS_KEY, _SECRET_KEY, _BUCKET, _REGION as `reelmill serve` does.',
    )
    .action(async (options) => (await import('../client/storeLifecycle.ts')).storeLifecycle(options));
}
