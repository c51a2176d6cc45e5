import type { Command } from 'commander';
import type { ServerOptions } from '../farm/farmClient.ts';

/** Options that name a coordinator, and `--json`. */
export const withServer = (command: Command): Command =>
  command
    .option('--server <url>', 'coordinator (default: REELMILL_SERVER, else the one of --data)')
    .option('--token-file <file>', 'file with the owner token (default: REELMILL_TOKEN, else the one of --data)')
    .option('--data <dir>', 'data folder of a coordinator on this machine')
    .option('--json', 'JSON on standard output');

export type ClientOptions = ServerOptions & { readonly json?: boolean };
