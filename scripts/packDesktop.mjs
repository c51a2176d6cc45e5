// `node scripts/packDesktop.mjs [electron-builder arguments]`: window and archives up to date, then the packed app.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDesktopIfStale } from './buildDesktop.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

function run(script, args) {
  const result = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

buildDesktopIfStale();
run(join(root, 'scripts', 'dist.mjs'), ['reelmill']);
const builder = join(root, 'node_modules', 'electron-builder', 'cli.js');
if (!existsSync(builder)) {
  process.stderr.write('error  SETUP_MISSING\ncause  electron-builder is not installed\nfix    run `npm ci` here\n');
  process.exit(2);
}
run(builder, ['--config', 'electron-builder.yml', ...process.argv.slice(2)]);
