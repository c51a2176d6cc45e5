import type { Command } from 'commander';
import type { RetryOptions } from '../client/failures.ts';
import { type ClientOptions, withServer } from './clientCommands.ts';

const collect = (value: string, known: readonly string[]): string[] => [...known, value];

/** `reelmill failures`: what went wrong for good, and what to do about it. */
export function addFailureCommands(program: Command): void {
  const failures = withServer(program.command('failures'))
    .description('list what failed for good, by cause')
    .action(async (options: ClientOptions) => (await import('../client/failures.ts')).listFailures(options));
  withServer(failures.command('retry'))
    .description('try again; finished chunks are kept')
    .argument('<ids...>', 'ids of groups, jobs or tasks')
    .option('--elsewhere', 'not on the nodes that failed it, while others are there')
    .option('--avoid <node>', 'not on this node (its id), repeatable', collect, [])
    .action(async (ids: string[], _: unknown, command: Command) => {
      const { retryFailures } = await import('../client/failures.ts');
      const { avoid, ...options } = command.optsWithGlobals<RetryOptions>();
      await retryFailures(ids, { ...options, ...(avoid?.length && { avoid }) });
    });
  withServer(failures.command('give-up'))
    .description('take them off the list; their unfinished work is deleted')
    .argument('<ids...>', 'ids of groups, jobs or tasks')
    .action(async (ids: string[], _: unknown, command: Command) => {
      const { giveUpFailures } = await import('../client/failures.ts');
      await giveUpFailures(ids, command.optsWithGlobals<ClientOptions>());
    });
}
