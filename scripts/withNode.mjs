// `node scripts/withNode.mjs SCRIPT ARGS…`: runs a script under Node ≥ 24 whatever the system has, and puts that Node
// first on the PATH so that everything it starts runs under it too. Some npm versions (Debian's 9.2) link no `node`.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { findNode, refuse } from '../apps/cli/bin/launch.mjs';

const node = findNode(import.meta.url);
if (node === undefined) refuse('Reelmill');
const env = { ...process.env, PATH: [dirname(node), process.env.PATH ?? ''].join(delimiter) };
const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env,
});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('SIGINT', () => {
  // A terminal sends Ctrl-C to the whole group itself.
  if (!process.stdin.isTTY) child.kill('SIGINT');
});
child.on('exit', (code, signal) =>
  process.exit(signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 15)),
);
