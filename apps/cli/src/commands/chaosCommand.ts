import type { Command } from 'commander';
import { faultKinds } from '../chaos/chaosCase.ts';
import { wholeNumber } from './options.ts';

export interface ChaosCommandOptions {
  readonly cases: readonly string[];
  readonly seed?: number;
  readonly all?: boolean;
  readonly fast?: boolean;
  readonly list?: boolean;
  readonly lanes: number;
  readonly json?: boolean;
  readonly results?: string;
  readonly bucket?: string;
  readonly exitWithParent?: boolean;
}

/** Ends everything that the data folder of this user holds apart: the suite has folders and ports of its own. */
export function addChaosCommand(program: Command): void {
  program
    .command('chaos')
    .description('kill, stop, cut off and fill up a farm of scratch while it renders, and tell what held')
    .option('--cases <kinds...>', `only these kinds or cases: ${faultKinds.join(', ')}, or a case's id`, [])
    .option('--fast', 'the short suite (default)')
    .option('--all', 'every case')
    .option('--seed <n>', 'seed of what is left to chance (default: drawn and printed)', wholeNumber(0, 2 ** 31 - 1))
    .option('--lanes <n>', 'farms that run beside each other', wholeNumber(1, 16), 4)
    .option(
      '--bucket <name>',
      'an empty bucket for the cases of kind s3, in the store of REELMILL_S3_ENDPOINT; emptied after',
    )
    .option('--list', 'only name the cases')
    .option('--results <file>', 'also write the results as JSON')
    .option('--json', 'one line of JSON per case')
    .option('--exit-with-parent', 'end when standard input is closed')
    .addHelpText(
      'after',
      '\nNothing of your own farm is touched: folders in the temporary directory, ports of their own, a clip drawn on the spot.\nExit codes: 0 everything held, 1 something did not.',
    )
    .action(async (options: ChaosCommandOptions) => {
      const { chaos } = await import('../chaos/chaos.ts');
      process.exitCode = await chaos(options);
    });
}
