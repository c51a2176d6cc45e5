import type { Command } from 'commander';
import type { AddWatchFolderOptions } from '../client/watchFolders.ts';
import { presetList } from './options.ts';
import { jobPriority } from './orderOptions.ts';
import { type ClientOptions, withServer } from './withServer.ts';

const client = () => import('../client/watchFolders.ts');

/** `reelmill watch-folders`: folders whose new media files become jobs by themselves. */
export function addWatchFolderCommands(program: Command): void {
  const folders = withServer(program.command('watch-folders'))
    .description('list the watched folders')
    .action(async (options: ClientOptions) => (await client()).listWatchFolders(options));
  withServer(folders.command('add'))
    .description('watch a folder of the coordinator: each media file in it becomes a job once it is whole')
    .argument('<path>', 'the folder; it may come later')
    .requiredOption('--preset <ids>', 'preset, or several with commas between', presetList)
    .option('--out <dir>', 'folder on the coordinator (default: beside each source)')
    .option('--recursive', 'subfolders, too; they are mirrored below --out')
    .option('--move', 'move a source to the subfolder done once its job is done (default: sources stay)')
    .option('--priority <priority>', 'urgent, high, normal or low (default: normal)', jobPriority)
    .action(async (path: string, _: unknown, command: Command) =>
      (await client()).addWatchFolder(path, command.optsWithGlobals<AddWatchFolderOptions>()),
    );
  withServer(folders.command('ls'))
    .description('list the watched folders')
    .action(async (_: unknown, command: Command) =>
      (await client()).listWatchFolders(command.optsWithGlobals<ClientOptions>()),
    );
  for (const verb of ['pause', 'resume'] as const) {
    withServer(folders.command(verb))
      .description(verb === 'pause' ? 'pick nothing up until it is resumed' : 'end its pause')
      .argument('<folder>', 'its id or path')
      .action(async (which: string, _: unknown, command: Command) =>
        (await client()).pauseWatchFolder(which, verb === 'pause', command.optsWithGlobals<ClientOptions>()),
      );
  }
  withServer(folders.command('remove'))
    .description('watch it no more; files, jobs and outputs stay')
    .argument('<folder>', 'its id or path')
    .action(async (which: string, _: unknown, command: Command) =>
      (await client()).removeWatchFolder(which, command.optsWithGlobals<ClientOptions>()),
    );
}
