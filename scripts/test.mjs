// `npm test`: set-up, check, then every test in one run that ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const node = (args) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;

const setUp = node([join('scripts', 'setup.mjs'), 'test']);
if (setUp !== 0) process.exit(setUp);
if (node([join('scripts', 'check.mjs')]) !== 0) {
  console.log('\n0 passed, 1 failed');
  process.exit(1);
}
const vitest = join('node_modules', 'vitest', 'vitest.mjs');
process.exit(node([vitest, 'run', ...process.argv.slice(2)]));
