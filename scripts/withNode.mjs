// `node scripts/withNode.mjs SCRIPT ARGS…`: runs a script under Node ≥ 24 whatever the system has, and puts that Node
// first on the PATH so that everything it starts runs under it too. Some npm versions (Debian's 9.2) link no `node`.
import { environmentWith, findNode, refuse, runUnder } from '../apps/node-agent/bin/launch.mjs';

const node = findNode(import.meta.url);
if (node === undefined) refuse('Reelmill');
runUnder(node, ['--disable-warning=ExperimentalWarning', ...process.argv.slice(2)], {
  env: environmentWith(node),
  channel: false,
});
