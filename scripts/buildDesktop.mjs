// Builds the window (main, preload, renderer) when its sources are newer than its output. Plain JavaScript, Node ≥ 18.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const desktop = join(root, 'apps', 'desktop');
const outputs = ['main/main.cjs', 'preload/preload.cjs', 'renderer/index.html'].map((name) =>
  join(desktop, 'out', name),
);
const sources = [
  join(desktop, 'src'),
  join(desktop, 'electron.vite.config.ts'),
  join(root, 'packages', 'protocol', 'src'),
  join(root, 'package-lock.json'),
];

function newestMs(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}

export function isDesktopStale() {
  if (!outputs.every(existsSync)) return true;
  const builtMs = Math.min(...outputs.map((path) => statSync(path).mtimeMs));
  return sources.some((path) => newestMs(path) > builtMs);
}

/** Throws with the builder's own words when the build fails. */
export function buildDesktop() {
  const builder = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const result = spawnSync(process.execPath, [builder, 'build', '--logLevel', 'warn'], {
    cwd: desktop,
    encoding: 'utf8',
  });
  if (result.status === 0) return;
  throw new Error(`the window could not be built\n${result.stdout}${result.stderr}${result.error ?? ''}`);
}

export function buildDesktopIfStale() {
  if (isDesktopStale()) buildDesktop();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) buildDesktopIfStale();
