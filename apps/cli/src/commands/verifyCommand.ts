import type { Command } from 'commander';

export interface VerifyOptions {
  readonly deep?: boolean;
  readonly source?: string;
  readonly key?: string;
  readonly json?: boolean;
}

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('check outputs against the certificates beside them')
    .argument('[outputs...]', 'rendered files, or folders of pictures')
    .option(
      '--deep',
      'decode output and source and compare them: SSIM and PSNR per chunk or picture, error and correlation per minute of sound alone; the worst 5 % listed',
    )
    .option('--source <file>', 'the source, for --deep (default: by its name beside the output or one folder up)')
    .option('--key <key>', 'public key or its fingerprint that must have signed')
    .option('--json', 'one JSON object per output on standard output')
    .addHelpText('after', '\nExit codes: 0 all as certified, 1 one is not, 2 wrong usage.')
    .action(async (outputs: string[], options: VerifyOptions) => {
      const { verifyOutputs } = await import('../verify/verifyOutputs.ts');
      process.exitCode = await verifyOutputs(outputs, options);
    });
}
