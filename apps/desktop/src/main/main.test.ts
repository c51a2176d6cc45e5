import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { downConnection } from './coordinatorProcess.ts';
import { inputsOf } from './inputs.ts';
import { readSettings } from './settings.ts';

test('code, cause and fix that a coordinator printed before it ended reach the window', () => {
  const errors = 'noise\nerror  DATA_DIR_BUSY\ncause  Another coordinator uses /farm.\nfix    Stop it first.\n';
  expect(downConnection(errors)).toEqual({
    kind: 'down',
    cause: 'Another coordinator uses /farm.',
    fix: 'Stop it first.',
  });
  expect(downConnection('')).toMatchObject({ kind: 'down', cause: 'The coordinator ended.' });
});

test('inputs of the command line are absolute, exist, and are never a switch of Electron', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reelmill-inputs-'));
  writeFileSync(join(folder, 'clip one.mp4'), '');
  const args = ['/opt/electron', '--no-sandbox', '/app', '--input=clip one.mp4', '--input=missing.mp4'];
  expect(inputsOf(args, { folder, packed: false })).toEqual([join(folder, 'clip one.mp4')]);
  expect(inputsOf(['/opt/Reelmill', '--x', 'clip one.mp4'], { folder, packed: true })).toEqual([
    join(folder, 'clip one.mp4'),
  ]);
});

test('a checkout starts the sources under the Node that came with it, unless told otherwise', () => {
  const here = import.meta.dirname;
  const found = readSettings(here, '/nowhere', { REELMILL_DATA: '/farm', REELMILL_NODE: process.execPath });
  expect(found.dataDir).toBe('/farm');
  expect(found.programs.node).toBe(process.execPath);
  expect(found.programs.coordinatorEntry).toMatch(/apps[/\\]cli[/\\]src[/\\]main\.ts$/);
  expect(found.profileDir).toBeNull();
});
