// `npm start [-- FILE…] [--browser]`: the desktop app, or the same interface in a browser where there is no shell for it.
// Plain JavaScript for any Node ≥ 18 (decision 22).
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBrowserFarm } from './browserFarm.mjs';
import { buildDesktopIfStale } from './buildDesktop.mjs';
import { findElectron } from './electronBinary.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const say = (text) => process.stderr.write(`${text}\n`);

// npm runs scripts in the package's folder; INIT_CWD is where the user stood.
const origin = process.env.INIT_CWD ?? process.cwd();
const given = process.argv.slice(2);
const inputs = given.filter((text) => !text.startsWith('-')).map((path) => resolve(origin, path));
for (const path of inputs.filter((candidate) => !existsSync(candidate))) say(`not found, left out: ${path}`);
const present = inputs.filter(existsSync);

const hasDisplay = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY) || Boolean(process.env.WAYLAND_DISPLAY);

/** Why there is no window, or undefined and the program to run. */
async function chooseShell() {
  if (given.includes('--browser')) return { reason: '--browser was given' };
  if (!hasDisplay()) return { reason: 'this session has no display' };
  return await findElectron();
}

function rootArguments() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return [];
  say(
    'Warning: running as root, so the sandbox of the window is off (--no-sandbox). Start it as a normal user instead.',
  );
  return ['--no-sandbox'];
}

/** Resolves with undefined when the app was closed in order, else with what went wrong. */
function runShell(binary) {
  const args = [...rootArguments(), join(root, 'apps', 'desktop'), ...present.map((path) => `--input=${path}`)];
  const child = spawn(binary, args, { stdio: 'inherit' });
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      interrupted = true;
      child.kill(signal);
    });
  }
  return new Promise((done) => {
    child.once('error', (error) => done(error.message));
    child.once('exit', (code, signal) => {
      const orderly = interrupted || code === 0;
      done(orderly ? undefined : `the desktop shell ended with ${signal ?? `code ${code}`}`);
    });
  });
}

spawnSync(process.execPath, [join(root, 'scripts', 'setup.mjs'), 'render'], { stdio: 'inherit' });
buildDesktopIfStale();
const shell = await chooseShell();
const problem = shell.binary ? await runShell(shell.binary) : shell.reason;
if (problem !== undefined) {
  say(`No window: ${problem}. The same interface is served to a browser.`);
  process.exitCode = await runBrowserFarm(present);
}
