// `npm run test:full`: every test file, also those too long for `npm test`, one after the other. Resumable: files that
// passed at this commit are not run again. Writes bench/results/full.json.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const resultFile = join('bench', 'results', 'full.json');
const vitest = join('node_modules', 'vitest', 'vitest.mjs');
const env = { ...process.env, REELMILL_TEST_TIER: 'full' };
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();

function earlier() {
  try {
    const report = JSON.parse(readFileSync(resultFile, 'utf8'));
    return report.commit === commit ? report : undefined;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function testFiles() {
  const listed = spawnSync(process.execPath, [vitest, 'list', '--filesOnly', '--json'], { env, encoding: 'utf8' });
  if (listed.status !== 0) throw new Error(listed.stderr);
  const files = JSON.parse(listed.stdout.slice(listed.stdout.indexOf('['))).map((entry) => entry.file);
  return [...new Set(files)].map((file) => file.replace(`${process.cwd()}/`, '')).sort();
}

const report = earlier() ?? { commit, files: {} };
mkdirSync(join('bench', 'results'), { recursive: true });
for (const file of testFiles()) {
  if (report.files[file]?.failed === 0) continue;
  const startedAt = performance.now();
  const run = spawnSync(process.execPath, [vitest, 'run', file], { env, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const counts = /^(\d+) passed, (\d+) failed$/m.exec(run.stdout);
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  report.files[file] = { passed: Number(counts?.[1] ?? 0), failed: Number(counts?.[2] ?? 1), seconds };
  if (report.files[file].failed > 0) console.log(run.stdout.slice(-6_000));
  console.log(`${file}  ${report.files[file].passed} passed, ${report.files[file].failed} failed, ${seconds} s`);
  writeFileSync(resultFile, `${JSON.stringify(report, null, 2)}\n`);
}
const total = Object.values(report.files).reduce(
  (sum, one) => ({ passed: sum.passed + one.passed, failed: sum.failed + one.failed }),
  { passed: 0, failed: 0 },
);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
