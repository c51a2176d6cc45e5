import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { dataFiles, ReadyLine, RuntimeFile } from '@reelmill/protocol';
import type { HostConnection } from '../shared/farmHost.ts';
import type { DesktopSettings } from './settings.ts';
import { type SupervisedProcess, supervise } from './supervisedProcess.ts';

export interface LocalFarm {
  connection(): HostConnection;
  stop(): Promise<void>;
}

const watchIntervalMs = 1000;
const healthTimeoutMs = 3000;

/**
 * The coordinator and this machine's agent as child processes. A coordinator that already serves the data folder (a
 * `reelmill serve` in a terminal) is joined instead of started; when it ends, an own one takes its place.
 */
export async function startLocalFarm(
  settings: DesktopSettings,
  onChange: (connection: HostConnection) => void,
): Promise<LocalFarm> {
  let connection: HostConnection = { kind: 'starting' };
  const change = (next: HostConnection): void => {
    // Telling the same again would make every window connect anew.
    if (JSON.stringify(next) === JSON.stringify(connection)) return;
    connection = next;
    onChange(next);
  };
  const attached = await runningCoordinator(settings.dataDir);
  let coordinator: SupervisedProcess | null = null;
  let watch: NodeJS.Timeout | null = null;
  if (attached) {
    change(await readyConnection(attached, settings.dataDir));
    watch = watchAttached(attached, () => {
      coordinator = superviseCoordinator(settings, change);
    });
  } else {
    coordinator = superviseCoordinator(settings, change);
  }
  const agent = superviseAgent(settings);
  return {
    connection: () => connection,
    async stop() {
      if (watch) clearInterval(watch);
      await agent.stop();
      await coordinator?.stop();
    },
  };
}

function programEnvironment(settings: DesktopSettings): NodeJS.ProcessEnv {
  // Electron's own switches must not reach a plain Node, except where Electron is that Node.
  const { ELECTRON_RUN_AS_NODE: _, NODE_OPTIONS: __, ...rest } = process.env;
  return { ...rest, ...settings.programs.nodeEnvironment };
}

const quietNode = '--disable-warning=ExperimentalWarning';

function superviseCoordinator(
  settings: DesktopSettings,
  change: (connection: HostConnection) => void,
): SupervisedProcess {
  const { node, coordinatorEntry } = settings.programs;
  return supervise({
    command: node,
    args: [quietNode, coordinatorEntry, 'serve', '--json', '--data', settings.dataDir, '--exit-with-parent'],
    env: programEnvironment(settings),
    onLine: (line) => {
      const ready = ReadyLine.safeParse(line);
      if (!ready.success) return;
      readyConnection(ready.data.apiUrl, ready.data.dataDir).then(change, (cause: unknown) =>
        change({ kind: 'down', cause: String(cause), fix: 'Give your user read access to the data folder.' }),
      );
    },
    onEnd: (errors) => void connectionAfterEnd(settings.dataDir, errors).then(change),
  });
}

function superviseAgent(settings: DesktopSettings): SupervisedProcess {
  const { node, agentEntry } = settings.programs;
  return supervise({
    command: node,
    args: [quietNode, agentEntry, '--local-data-dir', settings.dataDir, '--json', '--exit-with-parent'],
    env: programEnvironment(settings),
    onLine: () => undefined,
    onEnd: () => undefined,
  });
}

/** A start that found another coordinator in the data folder ends at once: that one is then the farm of this window. */
async function connectionAfterEnd(dataDir: string, errors: string): Promise<HostConnection> {
  const other = await runningCoordinator(dataDir);
  return other ? readyConnection(other, dataDir) : downConnection(errors);
}

async function readyConnection(apiUrl: string, dataDir: string): Promise<HostConnection> {
  const token = (await readFile(join(dataDir, dataFiles.ownerToken), 'utf8')).trim();
  return { kind: 'ready', apiUrl, token };
}

/** The program prints code, cause and fix on three lines; without them its end alone is told. */
export function downConnection(errors: string): HostConnection {
  const lastOf = (label: string): string | undefined =>
    [...errors.matchAll(new RegExp(`^${label}\\s+(.+)$`, 'gm'))].pop()?.[1];
  return {
    kind: 'down',
    cause: lastOf('cause') ?? 'The coordinator ended.',
    fix: lastOf('fix') ?? 'It is being started again; finished chunks are kept.',
  };
}

async function runningCoordinator(dataDir: string): Promise<string | null> {
  const text = await readFile(join(dataDir, dataFiles.runtime), 'utf8').catch(() => null);
  if (text === null) return null;
  const runtime = RuntimeFile.safeParse(JSON.parse(text));
  return runtime.success && (await isHealthy(runtime.data.apiUrl)) ? runtime.data.apiUrl : null;
}

function isHealthy(apiUrl: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`${apiUrl}/healthz`, { timeout: healthTimeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

function watchAttached(apiUrl: string, onGone: () => void): NodeJS.Timeout {
  let asking = false;
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    void isHealthy(apiUrl).then((healthy) => {
      asking = false;
      if (healthy) return;
      clearInterval(timer);
      onGone();
    });
  }, watchIntervalMs);
  return timer;
}
