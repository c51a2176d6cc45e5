import type { Command } from 'commander';

export function addPresetsCommand(program: Command): void {
  program
    .command('presets')
    .description('list the presets')
    .option('--json', 'one JSON object a line')
    .action(async (options: { json?: boolean }) => {
      const { loadPresets } = await import('@reelmill/media');
      for (const preset of await loadPresets()) {
        const line = options.json
          ? JSON.stringify({
              id: preset.id,
              name: preset.name,
              description: preset.description,
              container: preset.container,
            })
          : `${preset.id.padEnd(16)} ${preset.description}`;
        process.stdout.write(`${line}\n`);
      }
    });
}
