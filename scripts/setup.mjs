// Plain JavaScript for any Node ≥ 18: installs what a command needs (Debian as root), or prints the one line to run.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

const require = createRequire(import.meta.url);

const onPath = (command) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .concat(['/usr/sbin', '/sbin'])
    .some((folder) => existsSync(join(folder, process.platform === 'win32' ? `${command}.exe` : command)));

/** ffmpeg and ffprobe by setting, by the optional package, or on the PATH. */
function hasFfmpeg() {
  if (process.env.REELMILL_FFMPEG && process.env.REELMILL_FFPROBE) return true;
  if (!onPath('ffprobe')) return false;
  if (onPath('ffmpeg')) return true;
  try {
    return existsSync(require('ffmpeg-static') ?? '');
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return false;
    throw error;
  }
}

const library = (name) =>
  ['/usr/lib', '/usr/lib64', '/lib', `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`].some(
    (folder) => existsSync(join(folder, name)),
  );
const python = (module) => spawnSync('python3', ['-c', `import ${module}`]).status === 0;

const ffmpeg = { what: 'FFmpeg', present: hasFfmpeg, packages: ['ffmpeg'] };
/** What each kind of command needs: a check, and the Debian packages that satisfy it. */
const needs = {
  render: [ffmpeg],
  test: [
    ffmpeg,
    { what: 'Chromium', present: () => onPath('chromium'), packages: ['chromium'] },
    { what: 'a virtual display', present: () => onPath('Xvfb'), packages: ['xvfb'] },
    {
      what: 'libraries of Electron',
      present: () => ['libgtk-3.so.0', 'libnss3.so', 'libasound.so.2', 'libgbm.so.1'].every(library),
      packages: ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1'],
    },
    { what: 'ip (network namespaces)', present: () => onPath('ip'), packages: ['iproute2'] },
    { what: 'setpriv', present: () => onPath('setpriv'), packages: ['util-linux'] },
    { what: 'bubblewrap', present: () => onPath('bwrap'), packages: ['bubblewrap'] },
    {
      what: 'Python with pip and venv',
      present: () => onPath('python3') && python('ensurepip') && python('pip'),
      packages: ['python3', 'python3-pip', 'python3-venv'],
    },
    { what: 'a font', present: () => existsSync('/usr/share/fonts/truetype/dejavu'), packages: ['fonts-dejavu-core'] },
    {
      what: 'certificates',
      present: () => existsSync('/etc/ssl/certs/ca-certificates.crt'),
      packages: ['ca-certificates'],
    },
  ],
};

const isDebian = () => existsSync('/etc/debian_version') && onPath('apt-get');
const isRoot = () => process.getuid?.() === 0;

function run(command, args) {
  const result = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return result.status === 0;
}

function oneLineFor(missing) {
  const packages = missing.flatMap((need) => need.packages).join(' ');
  if (isDebian()) return `sudo apt-get install -y ${packages}`;
  if (process.platform === 'darwin') return 'brew install ffmpeg';
  if (process.platform === 'win32') return 'winget install Gyan.FFmpeg';
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (/fedora|rhel/.test(release)) return 'sudo dnf install -y ffmpeg';
  return `install with your system's package manager: ${missing.map((need) => need.what).join(', ')}`;
}

function install(missing) {
  const packages = missing.flatMap((need) => need.packages);
  console.log(`set-up: installing with apt: ${packages.join(' ')}`);
  const quiet = ['-qq', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  return run('apt-get', ['update', '-qq']) && run('apt-get', ['install', ...quiet, ...packages]);
}

const kind = process.argv[2] ?? 'render';
const missing = (needs[kind] ?? needs.render).filter((need) => !need.present());
if (missing.length > 0) {
  const line = oneLineFor(missing);
  if (!(isDebian() && isRoot())) {
    console.error(
      `error  SETUP_MISSING\ncause  not installed: ${missing.map((need) => need.what).join(', ')}\nfix    ${line}`,
    );
    process.exit(2);
  }
  if (!install(missing)) {
    console.error(`error  SETUP_MISSING\ncause  apt could not install what is missing\nfix    ${line}`);
    process.exit(2);
  }
}
