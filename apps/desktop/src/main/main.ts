import { app, Menu } from 'electron';
import { type HostConnection, hostChannels } from '../shared/farmHost.ts';
import { createActivityIndicator } from './activity.ts';
import { type LocalFarm, startLocalFarm } from './coordinatorProcess.ts';
import { inputsOf } from './inputs.ts';
import { openDoor } from './ipc/door.ts';
import { buildMenu } from './menu.ts';
import { declareRendererScheme, serveRenderer } from './rendererProtocol.ts';
import { readSettings } from './settings.ts';
import { lazyTray } from './tray.ts';
import { createMainWindow, lockDownPages } from './windows.ts';

const settings = readSettings(__dirname, process.resourcesPath, process.env);
app.setName('Reelmill');
if (settings.profileDir) app.setPath('userData', settings.profileDir);
declareRendererScheme();

if (app.requestSingleInstanceLock()) run();
else app.quit();

function run(): void {
  const window = createMainWindow(settings);
  const activity = createActivityIndicator();
  const tray = lazyTray(() => window.show());
  const inputs = inputsOf(process.argv, { folder: process.cwd(), packed: app.isPackaged });
  let farm: LocalFarm | null = null;
  let connection: HostConnection = { kind: 'starting' };
  let ended = false;

  const send = (channel: string, value?: unknown): void => window.current()?.webContents.send(channel, value);

  app.on('second-instance', (_, args, folder) => {
    inputs.push(...inputsOf(args, { folder, packed: app.isPackaged }));
    window.show();
    send(hostChannels.inputsWaiting);
  });
  app.on('activate', () => window.show());
  // Work goes on without a window; with nothing to do there is no reason to stay.
  app.on('window-all-closed', () => {
    if (activity.activeJobs === 0) app.quit();
    else tray.show();
  });
  app.on('before-quit', (event) => {
    if (ended || !farm) return;
    event.preventDefault();
    ended = true;
    void farm.stop().finally(() => app.quit());
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit());

  void app.whenReady().then(async () => {
    Menu.setApplicationMenu(buildMenu(settings.watchRenderer));
    lockDownPages();
    serveRenderer(settings.rendererDir);
    openDoor({
      window: window.current,
      connection: () => connection,
      takeInputs: () => inputs.splice(0),
      onActivity: (value) => activity.show(value, window.current()),
    });
    window.show();
    farm = await startLocalFarm(settings, (next) => {
      connection = next;
      send(hostChannels.connectionChanged, next);
    });
  });
}
