#!/usr/bin/env node
import module from 'node:module';
import { exitCodes, productVersion, toFarmError } from '@reelmill/protocol';
import { Command, CommanderError } from 'commander';
import { addChaosCommand } from './commands/chaosCommand.ts';
import { addClientCommands } from './commands/clientCommands.ts';
import { addDemoCommand } from './commands/demoCommand.ts';
import { addFailureCommands } from './commands/failureCommands.ts';
import { addInspectCommand } from './commands/inspectCommand.ts';
import { addNodeCommands } from './commands/nodeCommands.ts';
import { addOrderCommands } from './commands/orderCommands.ts';
import { addPresetsCommand } from './commands/presetsCommand.ts';
import { addRenderCommand } from './commands/renderCommand.ts';
import { addServeCommand } from './commands/serveCommand.ts';
import { addStoreCommand } from './commands/storeCommand.ts';
import { addTokenCommand } from './commands/tokenCommand.ts';
import { addVerifyCommand } from './commands/verifyCommand.ts';
import { addWatchFolderCommands } from './commands/watchFolderCommands.ts';
import { exitCodeOf } from './exitCode.ts';
import { printError } from './output/printError.ts';

module.enableCompileCache?.();
// Started by the launcher of an older Node: when that is killed, this process leaves in good order too.
if (process.channel !== undefined) {
  process.channel?.unref();
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

const program = new Command('reelmill')
  .description('A video render farm for your LAN: cut, encode on every machine, joined and proven frame by frame.')
  .version(productVersion)
  .showHelpAfterError('(run with --help for the options)')
  // what stands after a command belongs to it
  .enablePositionalOptions()
  .exitOverride();

addRenderCommand(program);
addServeCommand(program);
addTokenCommand(program);
addStoreCommand(program);
addClientCommands(program);
addNodeCommands(program);
addFailureCommands(program);
addWatchFolderCommands(program);
addOrderCommands(program);
addVerifyCommand(program);
addInspectCommand(program);
addPresetsCommand(program);
addDemoCommand(program);
addChaosCommand(program);

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  } else {
    printError(thrown);
    process.exitCode = exitCodeOf(toFarmError(thrown));
  }
}
