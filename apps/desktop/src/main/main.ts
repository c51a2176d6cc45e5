import { app, Menu } from 'electron';
import {
  type DeepLink,
  type HostActivity,
  type HostConnection,
  type HostOrder,
  hostChannels,
} from '../shared/farmHost.ts';
import { createActivityIndicator } from './activity.ts';
import { type LocalFarm, startLocalFarm } from './coordinatorProcess.ts';
import { linkScheme, linksOf, parseDeepLink } from './deepLinks.ts';
import { inputsOf } from './inputs.ts';
import { openDoor } from './ipc/door.ts';
import { buildMenu } from './menu.ts';
import { showNote } from './osNotifications.ts';
import { askQuit } from './quitQuestion.ts';
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
  const activity = createActivityIndicator();
  const inputs = inputsOf(process.argv, { folder: process.cwd(), packed: app.isPackaged });
  const links: DeepLink[] = linksOf(process.argv);
  let connection: HostConnection = { kind: 'starting' };
  const quitting = quitInOrder(activity, () => window.current());
  const window = createMainWindow(settings, {
    // Without a window rendering goes on, and what it has to tell still comes: it is hidden, not gone.
    staysHidden() {
      if (activity.activeJobs === 0 || quitting.isDecided()) return false;
      tray.show();
      return true;
    },
  });
  const send = (channel: string, value?: unknown): void => window.current()?.webContents.send(channel, value);
  const order = (wanted: HostOrder): void => {
    window.show();
    send(hostChannels.order, wanted);
  };
  const tray = lazyTray({
    openWindow: () => window.show(),
    addFiles: () => order('add-files'),
    pauseFarm: (paused) => send(hostChannels.order, paused ? 'pause-farm' : 'resume-farm'),
  });
  quitting.onKeep(() => {
    tray.show();
    window.current()?.hide();
  });
  const open = (link: DeepLink | null): void => {
    window.show();
    if (link === null) return;
    links.push(link);
    send(hostChannels.linksWaiting);
  };

  app.on('second-instance', (_, args, folder) => {
    inputs.push(...inputsOf(args, { folder, packed: app.isPackaged }));
    window.show();
    send(hostChannels.inputsWaiting);
    for (const link of linksOf(args)) open(link);
  });
  app.on('open-url', (event, url) => {
    event.preventDefault();
    open(parseDeepLink(url));
  });
  app.on('activate', () => window.show());
  app.on('window-all-closed', () => app.quit());

  void app.whenReady().then(async () => {
    if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme);
    Menu.setApplicationMenu(
      buildMenu({
        developing: settings.watchRenderer,
        run(id) {
          window.show();
          send(hostChannels.command, id);
        },
      }),
    );
    lockDownPages();
    serveRenderer(settings.rendererDir);
    openDoor({
      window: window.current,
      connection: () => connection,
      takeInputs: () => inputs.splice(0),
      takeLinks: () => links.splice(0),
      onNote: (note) => showNote(note, open),
      onActivity(value) {
        activity.show(value, window.current());
        tray.tell({ text: statusText(value), paused: value.paused });
      },
    });
    window.show();
    quitting.began(
      await startLocalFarm(settings, (next) => {
        connection = next;
        send(hostChannels.connectionChanged, next);
      }),
    );
  });
}

function statusText({ activeJobs, percent, paused }: HostActivity): string {
  if (activeJobs === 0) return paused ? 'Reelmill: paused' : 'Reelmill: nothing to do';
  const jobs = activeJobs === 1 ? '1 job' : `${activeJobs} jobs`;
  return `Reelmill: ${jobs}, ${Math.floor(percent ?? 0)} %${paused ? ', paused' : ''}`;
}

interface Quitting {
  isDecided(): boolean;
  onKeep(keep: () => void): void;
  began(farm: LocalFarm): void;
}

/** Asks where jobs are under way, then ends the farm, then the app. Signals are not asked about. */
function quitInOrder(activity: { readonly activeJobs: number }, window: () => Electron.BrowserWindow | null): Quitting {
  let farm: LocalFarm | null = null;
  let keep = (): void => {};
  let state: 'running' | 'asking' | 'decided' | 'ended' = 'running';
  const end = (): void => {
    state = 'decided';
    void Promise.resolve(farm?.stop()).finally(() => {
      state = 'ended';
      app.quit();
    });
  };
  app.on('before-quit', (event) => {
    if (state === 'ended') return;
    event.preventDefault();
    if (state !== 'running') return;
    if (activity.activeJobs === 0) return end();
    state = 'asking';
    void askQuit(window(), activity.activeJobs).then((choice) => {
      state = 'running';
      if (choice === 'pause-and-quit') end();
      if (choice === 'keep-in-tray') keep();
    });
  });
  // Chromium takes these signals for itself while the app starts, and makes them a quit that would be asked about.
  void app.whenReady().then(() => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (state === 'running' || state === 'asking') end();
      });
    }
  });
  return {
    isDecided: () => state === 'decided' || state === 'ended',
    onKeep(run) {
      keep = run;
    },
    began(started) {
      farm = started;
    },
  };
}
