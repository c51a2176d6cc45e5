// `npm test`: set-up, check, then every test in one run that ends with `N passed, N failed`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

async function node(args) {
  const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'close');
  return code ?? 1;
}

const setUp = await node([join('scripts', 'setup.mjs'), 'test']);
if (setUp !== 0) process.exit(setUp);
// Servers and runtimes of the tests are built while the check runs: minutes on a new machine, nothing later.
const prepared = node([join('e2e', 'support', 'prepare.ts')]);
if ((await node([join('scripts', 'check.mjs')])) !== 0) {
  console.log('\n0 passed, 1 failed');
  process.exit(1);
}
await prepared;
const vitest = join('node_modules', 'vitest', 'vitest.mjs');
process.exit(await node([vitest, 'run', ...process.argv.slice(2)]));
