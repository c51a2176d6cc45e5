import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles, FarmError } from '@reelmill/protocol';
import type { Command } from 'commander';
import { defaultDataFolder } from '../farm/dataFolders.ts';

export function addTokenCommand(program: Command): void {
  program
    .command('token')
    .description('print the join token that agents on other machines need')
    .option('--data <dir>', 'data folder of the coordinator')
    .option('--owner', 'print the owner token instead: it opens the interface and the API')
    .action(async (options: { data?: string; owner?: boolean }) => {
      const folder = options.data ?? defaultDataFolder();
      const file = join(folder, options.owner ? dataFiles.ownerToken : dataFiles.joinToken);
      process.stdout.write(`${(await readToken(file)).trim()}\n`);
    });
}

async function readToken(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new FarmError('NOT_FOUND', {
      message: `There is no token at ${file}: no coordinator ran with this data folder.`,
      cause,
    });
  }
}
