import { execFile } from 'node:child_process';
import { open, readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

const lsofSeconds = 5;

/**
 * Those of `paths` (absolute, links resolved) that a process of this machine has open for writing, as far as the system
 * tells: on Linux of the processes that this account may look into, on macOS by `lsof`, on Windows of programs that let
 * nobody else write. What another machine writes to a shared drive nobody tells. Never rejects.
 */
export async function openForWriting(paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  switch (process.platform) {
    case 'linux':
      return writersByProc(new Set(paths));
    case 'darwin':
      return writersByLsof(paths);
    default:
      return writersBySharing(paths);
  }
}

/** proc(5): `fd` holds a link for each open file, `fdinfo` its flags in octal; the last two bits are the access mode. */
async function writersByProc(wanted: ReadonlySet<string>): Promise<Set<string>> {
  const found = new Set<string>();
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of processes) {
    // Of another account, or gone by now: nothing is known of it.
    for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const path = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (!wanted.has(path) || found.has(path)) continue;
      const info = await readFile(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8').catch(() => '');
      if ((Number.parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? '0', 8) & 0b11) !== 0) found.add(path);
    }
  }
  return found;
}

/** `lsof -F an`: a line `a` with r, w or u before each line `n` with its name. It ends with 1 where nothing is open. */
async function writersByLsof(paths: readonly string[]): Promise<Set<string>> {
  const options = { timeout: lsofSeconds * 1_000, maxBuffer: 1 << 24 };
  const asked = promisify(execFile)('/usr/sbin/lsof', ['-w', '-F', 'an', '--', ...paths], options);
  const text = await asked.then(
    ({ stdout }) => stdout,
    (thrown: { stdout?: string }) => thrown.stdout ?? '',
  );
  const found = new Set<string>();
  let mode = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('a')) mode = line.slice(1);
    if (line.startsWith('n') && (mode === 'w' || mode === 'u')) found.add(line.slice(1));
  }
  return found;
}

/** A program that copies lets nobody else write meanwhile: opening it for writing fails as busy. Nothing is written. */
async function writersBySharing(paths: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const path of paths) {
    try {
      await (await open(path, 'r+')).close();
    } catch (cause) {
      if ((cause as { code?: string }).code === 'EBUSY') found.add(path);
    }
  }
  return found;
}
