// After `npm ci` under an old Node (Debian 12 has 18): npm leaves out optional packages whose engines do not fit the
// Node it runs under, among them the native parts of the build tools. They are fetched under the Node that came along.
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, resolve } from 'node:path';
import { environmentWith, findNode, majorOf, minimumMajor } from '../apps/node-agent/bin/launch.mjs';

const npm = process.env.npm_execpath;
const isOld = majorOf(process.version) < minimumMajor;
const node = isOld && npm !== undefined ? findNode(import.meta.url) : undefined;
if (node !== undefined && npm !== undefined) {
  console.log(`npm ran under Node ${process.version}: adding the packages that need a newer one`);
  // Debian keeps npm's own dependencies beside npm, where only its own Node looks.
  const besideNpm = resolve(dirname(npm), '../..');
  const env = {
    ...environmentWith(node),
    NODE_PATH: [besideNpm, process.env.NODE_PATH ?? ''].filter((path) => path !== '').join(delimiter),
  };
  const args = [npm, 'install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  const done = spawnSync(node, args, { stdio: 'inherit', env });
  if (done.status !== 0) {
    console.error(`error  SETUP_MISSING  the packages for Node ${minimumMajor} could not be added`);
    console.error(`fix    install Node ${minimumMajor} or newer, then run \`npm ci\` again`);
    process.exit(1);
  }
}
