import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);
let folder: string;

/** A place laid out like the repository that holds nothing but the rules and one offending file at a time. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reelmill-rules-'));
  const rules = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...rules, $schema: undefined, vcs: { enabled: false } }));
  cpSync(join(root, 'scripts/importRules'), join(folder, 'scripts/importRules'), { recursive: true });
  cpSync(join(root, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, code: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, code);
  return file;
}

function lint(path: string, code: string): string {
  const file = write(path, code);
  const run = spawnSync(bin('biome'), ['lint', '--max-diagnostics=50', file], { cwd: folder, encoding: 'utf8' });
  rmSync(file);
  return run.status === 0 ? 'clean' : run.stdout + run.stderr;
}

const imports = (name: string): string => `import { something } from '${name}';\nexport const used = something;\n`;

const forbidden: [string, string][] = [
  ['packages/protocol/src/x.ts', '@reelmill/media'],
  ['packages/protocol/src/x.ts', 'node:fs'],
  ['packages/scheduler/src/x.ts', '@reelmill/storage'],
  ['packages/scheduler/src/x.ts', 'node:crypto'],
  ['packages/media/src/x.ts', '@reelmill/storage'],
  ['packages/media/src/x.ts', '@reelmill/scheduler'],
  ['packages/storage/src/x.ts', '@reelmill/media'],
  ['packages/coordinator/src/x.ts', '@reelmill/node-agent'],
  ['packages/coordinator/src/x.ts', 'reelmill'],
  ['apps/node-agent/src/x.ts', '@reelmill/coordinator'],
  ['apps/node-agent/src/x.ts', '@reelmill/scheduler'],
  ['apps/desktop/src/renderer/x.ts', '@reelmill/media'],
  ['apps/desktop/src/renderer/x.ts', 'node:path'],
  ['apps/desktop/src/renderer/x.ts', 'electron'],
  ['apps/desktop/src/main/x.ts', '@reelmill/coordinator'],
];

test.each(forbidden)('%s may not import %s', (path, name) => {
  expect(lint(path, imports(name))).toContain('noRestrictedImports');
});

const allowed: [string, string][] = [
  ['packages/scheduler/src/x.ts', '@reelmill/protocol'],
  ['packages/media/src/x.ts', '@reelmill/protocol'],
  ['packages/coordinator/src/x.ts', '@reelmill/scheduler'],
  ['apps/node-agent/src/x.ts', '@reelmill/media'],
  ['apps/desktop/src/renderer/x.ts', '@reelmill/protocol'],
];

test.each(allowed)('%s may import %s', (path, name) => {
  expect(lint(path, imports(name))).toBe('clean');
});

test.each(['Date.now()', 'new Date()', 'performance.now()'])(
  'the scheduler may not read the clock by %s',
  (expression) => {
    expect(lint('packages/scheduler/src/x.ts', `export const now = ${expression};\n`)).toContain('noRestrictedGlobals');
  },
);

test('the scheduler may not draw random numbers', () => {
  expect(lint('packages/scheduler/src/x.ts', 'export const draw = Math.random();\n')).toContain('takes a seed');
});

test('import cycles are refused', () => {
  const other = write('packages/media/src/b.ts', "import { a } from './a.ts';\nexport const b = () => a;\n");
  const report = lint('packages/media/src/a.ts', "import { b } from './b.ts';\nexport const a = () => b;\n");
  rmSync(other);
  expect(report).toContain('noImportCycles');
});

test.each(['protocol', 'scheduler'])('%s compiles without the types of Node and of the browser', (name) => {
  const file = write(`packages/${name}/src/x.ts`, 'export const a = process.pid;\nexport const b = window.name;\n');
  const settings = write(
    `packages/${name}/tsconfig.json`,
    readFileSync(join(root, `packages/${name}/tsconfig.json`), 'utf8'),
  );
  const run = spawnSync(bin('tsc'), ['-p', settings], { cwd: folder, encoding: 'utf8' });
  rmSync(file);
  expect(run.stdout).toContain("'process'");
  expect(run.stdout).toContain("'window'");
});
