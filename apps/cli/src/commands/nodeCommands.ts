import type { Command } from 'commander';
import type { PauseNodeOptions, ScheduleNodeOptions } from '../client/nodes.ts';
import { type ClientOptions, withServer } from './withServer.ts';

/** `reelmill nodes`: the list, and what an owner orders of one of them. */
export function addNodeCommands(program: Command): void {
  const nodes = withServer(program.command('nodes'))
    .description('list the nodes')
    .action(async (options: ClientOptions) => (await import('../client/nodes.ts')).listNodes(options));
  withServer(nodes.command('release'))
    .description('let a node work again that was put under quarantine')
    .argument('<node>', 'its name or id')
    .action(async (node: string, _: unknown, command: Command) => {
      const { releaseNode } = await import('../client/nodes.ts');
      await releaseNode(node, command.optsWithGlobals<ClientOptions>());
    });
  withServer(nodes.command('pause'))
    .description('give a node nothing new; what it runs ends first')
    .argument('<node>', 'its name or id')
    .option('--now', 'stop its encoders at once; their tasks go to other nodes')
    .action(async (node: string, _: unknown, command: Command) => {
      const { pauseNode } = await import('../client/nodes.ts');
      await pauseNode(node, command.optsWithGlobals<PauseNodeOptions>());
    });
  withServer(nodes.command('schedule'))
    .description('use a node in these hours only, by its own clock; its own hours hold as well')
    .argument('<node>', 'its name or id')
    .argument('[hours]', 'as "mon-fri 19:00-07:00; sat-sun 00:00-24:00"')
    .option('--clear', 'at all hours that its own machine allows')
    .action(async (node: string, hours: string | undefined, _: unknown, command: Command) => {
      const { scheduleNode } = await import('../client/nodes.ts');
      await scheduleNode(node, hours, command.optsWithGlobals<ScheduleNodeOptions>());
    });
  withServer(nodes.command('resume'))
    .description('end the pause of a node')
    .argument('<node>', 'its name or id')
    .action(async (node: string, _: unknown, command: Command) => {
      const { resumeNode } = await import('../client/nodes.ts');
      await resumeNode(node, command.optsWithGlobals<ClientOptions>());
    });
}
