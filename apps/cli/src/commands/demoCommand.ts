import type { Command } from 'commander';

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('render a sample clip with a coordinator and two agents found on the network, and prove the result')
    .option('--out <dir>', 'folder for clip and output', 'demo')
    .action(async (options: { out: string }) => {
      const { demo } = await import('../demo/demo.ts');
      process.exitCode = await demo(options);
    });
}
