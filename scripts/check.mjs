// `npm run check`: types, lint + format + import rules, unused code. Every step runs; the first failure decides.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const bin = (name) => join('node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const projects = [
  'packages/protocol',
  'packages/protocol/tsconfig.test.json',
  'packages/scheduler',
  'packages/scheduler/tsconfig.test.json',
  'packages/media',
  'packages/storage',
  'packages/coordinator',
  'apps/node-agent',
  'apps/cli',
  'apps/desktop',
  'apps/desktop/tsconfig.renderer.json',
  'e2e',
  'bench',
];
const steps = [
  ...projects.map((project) => ({ name: `types ${project}`, command: bin('tsc'), args: ['-p', project] })),
  { name: 'biome', command: bin('biome'), args: ['check', '--error-on-warnings', '.'] },
  { name: 'unused code', command: bin('knip'), args: ['--no-progress'] },
];

function run(step) {
  return new Promise((resolve) => {
    const child = spawn(step.command, step.args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', (error) => resolve({ ...step, ok: false, output: String(error) }));
    child.on('close', (code) => resolve({ ...step, ok: code === 0, output }));
  });
}

const queue = [...steps];
const results = [];
await Promise.all(
  Array.from({ length: 2 }, async () => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) results.push(await run(step));
  }),
);
for (const result of results.filter((step) => !step.ok)) console.log(`\n✗ ${result.name}\n${result.output}`);
const failed = results.filter((step) => !step.ok).length;
console.log(`check: ${results.length - failed} of ${results.length} steps clean`);
process.exitCode = failed === 0 ? 0 : 1;
