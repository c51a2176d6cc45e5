import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { defaultLauncher, type Launch, type ProcessLauncher } from '@reelmill/media';
import type { ChildRegister } from '../sweep.ts';
import { canRun } from './canRun.ts';

/** What an encoder of one attempt may touch. */
export interface SandboxAccess {
  /** Files it may read: the source, the inputs, nothing beside them. */
  readonly readFiles: readonly string[];
  /** The one folder it may write. */
  readonly writeFolder: string;
  /** Programs it runs; their folders become readable. */
  readonly programs: readonly string[];
}

export interface Sandbox {
  /** `bwrap`: own empty network, own file system view. `none`: only tied to the life of the agent. */
  readonly kind: 'bwrap' | 'none';
  launcherFor(access: SandboxAccess): ProcessLauncher;
}

/**
 * Chooses once per process: bubblewrap where it works here (inside some containers it is not allowed to), else the
 * plain launcher of media, which ties encoders to the agent's life.
 */
export async function chooseSandbox(options: { wanted: boolean; register: ChildRegister }): Promise<Sandbox> {
  const { register } = options;
  if (options.wanted && process.platform === 'linux' && (await bwrapWorks())) {
    return { kind: 'bwrap', launcherFor: (access) => registered(bwrapLauncher(access), register) };
  }
  return { kind: 'none', launcherFor: () => registered(defaultLauncher(), register) };
}

const registered =
  (launcher: ProcessLauncher, register: ChildRegister): ProcessLauncher =>
  (launch) => ({ ...launcher(launch), onStarted: (pid) => register.add(pid) });

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

const isolation = ['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'];
const basics = ['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'];
const systemArgs = (): string[] => systemPaths.filter(existsSync).flatMap((path) => ['--ro-bind', path, path]);

const bwrapWorks = (): Promise<boolean> => canRun('bwrap', [...isolation, ...systemArgs(), ...basics, 'true']);

/**
 * bwrap itself dies with the agent (`--die-with-parent`), and all inside with bwrap. It reports the exit status of
 * what it ran. https://manpages.debian.org/bookworm/bubblewrap/bwrap.1.en.html
 */
export function bwrapLauncher(access: SandboxAccess): ProcessLauncher {
  return (launch: Launch) => ({ command: 'bwrap', args: [...bwrapArgs(access), '--', launch.command, ...launch.args] });
}

/** Pure but for looking which system folders exist. Later binds win, so the attempt's own come last. */
export function bwrapArgs(access: SandboxAccess): string[] {
  const programFolders = access.programs.filter((path) => path.includes('/')).map((path) => dirname(realOf(path)));
  const readOnly = [...new Set([...programFolders, ...access.readFiles])];
  return [
    ...isolation,
    ...systemArgs(),
    ...basics,
    ...readOnly.flatMap((path) => ['--ro-bind', path, path]),
    '--bind',
    access.writeFolder,
    access.writeFolder,
    '--chdir',
    access.writeFolder,
  ];
}

const realOf = (path: string): string => (existsSync(path) ? realpathSync(path) : path);
