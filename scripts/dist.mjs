// `npm run dist`: self-contained archives of the command line and of the agent, in dist/.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const version = JSON.parse(readFileSync('package.json', 'utf8')).version;
const lock = JSON.parse(readFileSync('package.json', 'utf8')).optionalDependencies;

const products = {
  reelmill: {
    entries: {
      reelmill: 'apps/cli/src/main.ts',
      'reelmill-agent': 'apps/node-agent/src/main.ts',
      journalWorker: 'packages/coordinator/src/journal/journalWorker.ts',
    },
    launcher: 'apps/cli/bin/reelmill.mjs',
    bin: { reelmill: 'bin/reelmill.mjs' },
    interface: true,
  },
  'reelmill-agent': {
    entries: { 'reelmill-agent': 'apps/node-agent/src/main.ts' },
    launcher: 'apps/node-agent/bin/reelmill-agent.mjs',
    bin: { 'reelmill-agent': 'bin/reelmill-agent.mjs' },
    interface: false,
  },
};

/** Everything the program imports goes into its bundle; only Node itself stays outside. */
async function bundle(entries, folder) {
  const build = await rolldown({
    input: entries,
    platform: 'node',
    external: ['bufferutil', 'utf-8-validate', 'ffmpeg-static'],
    logLevel: 'warn',
  });
  await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'shared-[hash].js',
    minify: false,
    banner:
      "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  });
}

/** The launcher stays plain JavaScript that any Node ≥ 18 starts. */
async function bundleLauncher(name, source, folder) {
  const build = await rolldown({ input: { [name]: source }, platform: 'node', logLevel: 'warn' });
  await build.write({ dir: folder, format: 'esm', entryFileNames: '[name].mjs' });
  chmodSync(join(folder, `${name}.mjs`), 0o755);
}

async function build(name, product) {
  const folder = join('dist', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'bin'), { recursive: true });
  await bundle(product.entries, join(folder, 'dist'));
  await bundleLauncher(name, product.launcher, join(folder, 'bin'));
  for (const part of ['presets', 'fonts']) {
    cpSync(join('resources', part), join(folder, 'resources', part), { recursive: true });
  }
  if (product.interface && existsSync('apps/desktop/out/renderer')) {
    cpSync('apps/desktop/out/renderer', join(folder, 'dist/interface'), { recursive: true });
  }
  cpSync('LICENSE', join(folder, 'LICENSE'));
  const description = { name, version, license: 'MIT', type: 'module', bin: product.bin, optionalDependencies: lock };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', 'dist', `./${folder}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  console.log(`dist/${name}-${version}.tgz`);
}

const wanted = process.argv.slice(2);
for (const [name, product] of Object.entries(products)) {
  if (wanted.length === 0 || wanted.includes(name)) await build(name, product);
}
