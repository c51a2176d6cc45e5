import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { defaultLauncher, type Launch, type ProcessLauncher } from '@reelmill/media';
import type { ChildRegister } from '../sweep.ts';
import { canRun } from './canRun.ts';
import { startGuard } from './guard.ts';

/** What an encoder of one attempt may touch. */
export interface SandboxAccess {
  /** Files it may read: the source, the inputs, nothing beside them. */
  readonly readFiles: readonly string[];
  /** The one folder it may write. */
  readonly writeFolder: string;
  /** Programs it runs; their folders become readable. */
  readonly programs: readonly string[];
  /** Also the graphics devices of this machine, for hardware encoders; default: none. */
  readonly usesDevices?: boolean;
}

export interface Sandbox {
  /** `bwrap`: own empty network, own file system view. `none`: only tied to the life of the agent. */
  readonly kind: 'bwrap' | 'none';
  launcherFor(access: SandboxAccess): ProcessLauncher;
}

/**
 * Chooses once per process: bubblewrap where it works here (inside some containers it is not allowed to), else the
 * plain launcher of media, which on Linux ties encoders to the agent's life; where it cannot, a guard process does.
 */
export async function chooseSandbox(options: {
  readonly wanted: boolean;
  /** Are told of each process that is started. */
  readonly registers: readonly ChildRegister[];
}): Promise<Sandbox> {
  const { registers } = options;
  if (options.wanted && process.platform === 'linux' && (await bwrapWorks())) {
    return { kind: 'bwrap', launcherFor: (access) => noting(bwrapLauncher(access), registers) };
  }
  const plain = defaultLauncher();
  const tied = plain({ command: 'true', args: [] }).command !== 'true';
  const books = tied ? registers : [...registers, startGuard()];
  return { kind: 'none', launcherFor: () => noting(plain, books) };
}

const noting =
  (launcher: ProcessLauncher, books: readonly ChildRegister[]): ProcessLauncher =>
  (launch) => ({
    ...launcher(launch),
    onStarted(pid) {
      for (const book of books) book.add(pid);
    },
  });

/** What dynamically linked programs need on Debian, Fedora and Arch; missing ones are left out. */
const systemPaths = [
  '/usr',
  '/lib',
  '/lib32',
  '/lib64',
  '/bin',
  '/sbin',
  '/etc/ld.so.cache',
  '/etc/alternatives',
  '/etc/fonts',
];

/**
 * An agent run by root must read what root can read: inside a user namespace it could not open files of other users.
 * So there the namespace is left out, and of all capabilities only reading is kept.
 */
const namespaces =
  process.getuid?.() === 0
    ? ['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup-try']
    : ['--unshare-all'];
const capabilities = ['--cap-drop', 'ALL', ...(process.getuid?.() === 0 ? ['--cap-add', 'CAP_DAC_READ_SEARCH'] : [])];
const isolation = [...namespaces, '--die-with-parent', '--new-session', ...capabilities];
const basics = ['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'];
const systemArgs = (): string[] => systemPaths.filter(existsSync).flatMap((path) => ['--ro-bind', path, path]);

/**
 * What drivers of VAAPI, QSV and NVENC open on Linux: render nodes, NVIDIA's devices, and how the kernel lists them.
 * https://docs.kernel.org/gpu/drm-uapi.html#render-nodes, https://github.com/NVIDIA/nvidia-container-toolkit
 */
const deviceFolders = ['/dev/dri', '/dev/nvidia-caps'];
const kernelFolders = ['/sys/bus', '/sys/class', '/sys/dev', '/sys/devices', '/sys/module'];
const nvidiaDevice = /^nvidia(\d+|ctl|-modeset|-uvm|-uvm-tools)$/;

function deviceArgs(): string[] {
  const nvidia = readdirSync('/dev').filter((name) => nvidiaDevice.test(name));
  const devices = [...deviceFolders.filter(existsSync), ...nvidia.map((name) => `/dev/${name}`)];
  return [
    ...devices.flatMap((path) => ['--dev-bind', path, path]),
    ...kernelFolders.filter(existsSync).flatMap((path) => ['--ro-bind', path, path]),
  ];
}

const bwrapWorks = (): Promise<boolean> => canRun('bwrap', [...isolation, ...systemArgs(), ...basics, 'true']);

/**
 * bwrap itself dies with the agent (`--die-with-parent`), and all inside with bwrap. It reports the exit status of
 * what it ran. https://manpages.debian.org/bookworm/bubblewrap/bwrap.1.en.html
 */
export function bwrapLauncher(access: SandboxAccess): ProcessLauncher {
  return (launch: Launch) => ({ command: 'bwrap', args: [...bwrapArgs(access), '--', launch.command, ...launch.args] });
}

/** Pure but for looking which system folders and devices exist. Later binds win, so the attempt's own come last. */
export function bwrapArgs(access: SandboxAccess): string[] {
  const programFolders = access.programs.filter((path) => path.includes('/')).map((path) => dirname(realOf(path)));
  const readOnly = [...new Set([...programFolders, ...access.readFiles])];
  return [
    ...isolation,
    ...systemArgs(),
    ...basics,
    ...(access.usesDevices ? deviceArgs() : []),
    ...readOnly.flatMap((path) => ['--ro-bind', path, path]),
    '--bind',
    access.writeFolder,
    access.writeFolder,
    '--chdir',
    access.writeFolder,
  ];
}

const realOf = (path: string): string => (existsSync(path) ? realpathSync(path) : path);
