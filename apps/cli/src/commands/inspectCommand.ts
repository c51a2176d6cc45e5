import type { Command } from 'commander';
import { type ClientOptions, withServer } from './clientCommands.ts';
import {
  collectSetting,
  type InspectDepth,
  inspectDepth,
  positiveSeconds,
  presetList,
  wholeNumber,
} from './options.ts';

export interface InspectOptions extends ClientOptions {
  readonly preset: string[];
  readonly set: Record<string, string>;
  readonly chunkSeconds?: number;
  readonly threads?: number;
  readonly depth: InspectDepth;
}

export function addInspectCommand(program: Command): void {
  withServer(program.command('inspect'))
    .description(
      'show what a render of a file would do: cut or whole and why, chunks, frames, size, what is kept, nodes',
    )
    .argument('[file]', 'one file; with --server on another machine, a path there')
    .option('--preset <ids>', 'preset, or several with commas between: one report each', presetList, ['h264-720p'])
    .option('--set <key=value>', 'override a setting of the preset, repeatable', collectSetting, {})
    .option('--chunk-seconds <s>', 'target length of a chunk (default: by the planner)', positiveSeconds)
    .option('--threads <n>', 'encoder threads per chunk (default: of the preset)', wholeNumber(1, 64))
    .option('--depth <depth>', 'header: the first answer only; index: read the whole file too', inspectDepth, 'index')
    .addHelpText(
      'after',
      '\nAsks the coordinator of this machine; where none runs, judges by the FFmpeg found here.\n' +
        'Exit codes: 0 shown, 1 the file would be refused, 2 wrong usage, 3 no server at --server, 4 not authorised.',
    )
    .action(async (file: string | undefined, options: InspectOptions) => {
      const { inspect } = await import('../inspect.ts');
      process.exitCode = await inspect(file, options);
    });
}
