import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addRenderCommand } from './renderCommand.ts';

test.each([
  ['--on', 'gpu'],
  ['--spill', 'busy'],
])('render %s is refused with the way to a farm: its agents are all alike', async (...pin) => {
  const program = new Command();
  addRenderCommand(program);
  const line = ['render', 'clip.mp4', '--preset', 'h264-720p', '--out', 'out', ...pin];
  await expect(program.parseAsync(line, { from: 'user' })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining(pin[0]),
    fix: expect.stringContaining('submit --on'),
  });
});
