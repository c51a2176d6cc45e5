// After `npm ci` under an old Node (Debian 12 has 18): npm leaves out optional packages whose engines do not fit the
// Node it runs under, among them the native parts of the build tools. They are fetched under the Node that came along.
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, resolve } from 'node:path';
import { findNode } from '../apps/node-agent/bin/launch.mjs';

const wantedMajor = 24;
const npm = process.env.npm_execpath;
const isOld = Number.parseInt(process.version.slice(1), 10) < wantedMajor;
const node = isOld && npm !== undefined ? findNode(import.meta.url) : undefined;
if (node !== undefined && npm !== undefined) {
  console.log(`npm ran under Node ${process.version}: adding the packages that need a newer one`);
  // Debian keeps npm's own dependencies beside npm, where only its own Node looks.
  const besideNpm = resolve(dirname(npm), '../..');
  const env = {
    ...process.env,
    PATH: [dirname(node), process.env.PATH ?? ''].join(delimiter),
    NODE_PATH: [besideNpm, process.env.NODE_PATH ?? ''].filter((path) => path !== '').join(delimiter),
  };
  const args = [npm, 'install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  const done = spawnSync(node, args, { stdio: 'inherit', env });
  if (done.status !== 0) {
    console.error(`error  SETUP_MISSING  the packages for Node ${wantedMajor} could not be added`);
    console.error(`fix    install Node ${wantedMajor} or newer, then run \`npm ci\` again`);
    process.exit(1);
  }
}
