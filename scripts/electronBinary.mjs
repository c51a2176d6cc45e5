// Finds an Electron to start, or says in one sentence why there is none (decision 22). Plain JavaScript, Node ≥ 18.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const downloadCapMs = 60_000;

const binaryNames = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
};
const binaryName = binaryNames[process.platform] ?? 'electron';

function electronPackage() {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}

function installed(folder) {
  const named = join(folder, 'path.txt');
  const binary = join(folder, 'dist', existsSync(named) ? readFileSync(named, 'utf8').trim() : binaryName);
  return existsSync(binary) ? binary : undefined;
}

/** Runs Electron's own installer, its progress on our standard error, and gives up after a minute. */
function download(folder) {
  return new Promise((resolve) => {
    process.stderr.write('Downloading the desktop shell (Electron), once…\n');
    const child = spawn(process.execPath, [join(folder, 'install.js')], { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stdout.pipe(process.stderr);
    child.stderr.on('data', (data) => {
      errors = (errors + data).slice(-4000);
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve('its download took longer than 60 s');
    }, downloadCapMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve(error.message);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      resolve(code === 0 ? undefined : `its download failed (${firstMessage(errors)})`);
    });
  });
}

const firstMessage = (text) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '') ?? 'no message';

/** Answers `{ binary }` or `{ reason }`. */
export async function findElectron() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) {
    const binary = join(override, binaryName);
    if (existsSync(binary)) return { binary };
    return { reason: `ELECTRON_OVERRIDE_DIST_PATH names ${override}, which holds no ${binaryName}` };
  }
  const folder = electronPackage();
  if (!folder) return { reason: 'the electron package is not installed' };
  const present = installed(folder);
  if (present) return { binary: present };
  const problem = await download(folder);
  if (problem) return { reason: problem };
  const binary = installed(folder);
  return binary ? { binary } : { reason: 'its download left no program' };
}
