import { FarmError, type FrameRate, type GapPolicy, type PackageKind } from '@reelmill/protocol';
import { type Command, Option } from 'commander';
import {
  collectSetting,
  frameRate,
  gapPolicy,
  packageKind,
  positiveSeconds,
  presetList,
  segmentSeconds,
  type VerifyDepth,
  verifyDepth,
  wholeNumber,
} from './options.ts';

export interface RenderOptions {
  readonly preset: readonly string[];
  readonly out: string;
  readonly set: Record<string, string>;
  readonly agents: number;
  readonly threads?: number;
  readonly chunkSeconds?: number;
  readonly verify: VerifyDepth;
  readonly fresh?: boolean;
  readonly json?: boolean;
  readonly fps?: FrameRate;
  readonly gaps?: GapPolicy;
  readonly package?: PackageKind;
  readonly segmentSeconds?: number;
  /** Refused: see `refusePins`. */
  readonly on?: string;
  readonly spill?: string;
}

export function addRenderCommand(program: Command): void {
  program
    .command('render')
    .description('render files on this machine with a farm that lives as long as the command')
    .argument('[inputs...]', 'files or folders')
    .requiredOption(
      '--preset <ids>',
      'preset, or several with commas between: `reelmill presets` lists them',
      presetList,
    )
    .requiredOption('--out <dir>', 'folder for the outputs')
    .option(
      '--set <key=value>',
      'override a setting of the preset, repeatable (speed, crf, fps, …)',
      collectSetting,
      {},
    )
    .option('--agents <n>', 'agent processes', wholeNumber(1, 64), 1)
    .option('--threads <n>', 'encoder threads per chunk (default: of the preset)', wholeNumber(1, 64))
    .option('--chunk-seconds <s>', 'target length of a chunk (default: by the planner)', positiveSeconds)
    .option('--verify <depth>', 'seams or full: full decodes the whole output', verifyDepth, 'seams')
    .option('--fps <rate>', 'frames per second of image sequences: 24, 29.97, 24000/1001 (default: 24)', frameRate)
    .option('--gaps <policy>', 'missing numbers of a sequence: fail, hold or skip (default: fail)', gapPolicy)
    .option('--package <kind>', 'also one folder for players that stream: hls, dash or hls-dash', packageKind)
    .option('--segment-seconds <s>', 'length of its segments, 1 to 10 (default: 4)', segmentSeconds)
    .option('--fresh', 'do not resume what an interrupted run of the same command left')
    .option('--json', 'NDJSON on standard output')
    .addOption(new Option('--on <tag>').hideHelp())
    .addOption(new Option('--spill <rule>').hideHelp())
    .addHelpText(
      'after',
      '\nIts agents are processes of this machine, all alike: there are no nodes to choose by tag (`submit --on`, `--spill`).\nExit codes: 0 done, 1 a job failed, 2 wrong usage, 130 interrupted. Interrupted runs resume when repeated.',
    )
    .action(async (inputs: string[], options: RenderOptions) => {
      refusePins(options);
      const { render } = await import('../render.ts');
      process.exitCode = await render(inputs, options);
    });
}

/** Said rather than ignored: who pins a film to nodes wants those. @throws FarmError USAGE */
function refusePins({ on, spill }: RenderOptions): void {
  if (on === undefined && spill === undefined) return;
  throw new FarmError('USAGE', {
    message: `${on === undefined ? '--spill' : '--on'} chooses among the nodes of a farm; the agents of render are processes of this machine, all alike.`,
    fix: 'Start a farm with `reelmill serve`, agents with `--tag`, and use `reelmill submit --on TAG`.',
  });
}
