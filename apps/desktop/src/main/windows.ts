import { watch } from 'node:fs';
import { join } from 'node:path';
import { app, BrowserWindow, screen, session } from 'electron';
import { rendererOrigin } from './rendererProtocol.ts';
import type { DesktopSettings } from './settings.ts';
import { placedWindow, readWindowState, rememberWindow } from './windowState.ts';

export interface MainWindow {
  /** Shows the window, making it when it was closed. */
  show(): void;
  current(): BrowserWindow | null;
}

export interface WindowRules {
  /** Asked when it is to be closed: true, and it is only hidden. */
  staysHidden(): boolean;
}

/** The one window: no Node inside, sandboxed, never leaves its own origin, opens nothing, is granted nothing. */
export function createMainWindow(settings: DesktopSettings, { staysHidden }: WindowRules): MainWindow {
  let window: BrowserWindow | null = null;
  const open = (): void => {
    const opened = buildWindow(settings);
    window = opened;
    opened.on('close', (event) => {
      if (!staysHidden()) return;
      event.preventDefault();
      opened.hide();
    });
    opened.on('closed', () => {
      window = null;
    });
  };
  if (settings.watchRenderer) reloadOnChange(settings.rendererDir, () => window);
  return {
    current: () => window,
    show() {
      if (!window) return open();
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
  };
}

function buildWindow(settings: DesktopSettings): BrowserWindow {
  const stateFile = join(app.getPath('userData'), 'window.json');
  const areas = screen.getAllDisplays().map(({ workArea }) => workArea);
  const { bounds, maximized } = placedWindow(readWindowState(stateFile), areas);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: 940,
    minHeight: 560,
    title: 'Reelmill',
    backgroundColor: '#141414',
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      preload: settings.preloadFile,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    },
  });
  window.once('ready-to-show', () => {
    if (maximized) window.maximize();
    window.show();
  });
  rememberWindow(window, stateFile);
  void window.loadURL(`${rendererOrigin}/index.html`);
  return window;
}

/** Applies to every page that may ever exist in this process. */
export function lockDownPages(): void {
  session.defaultSession.setPermissionRequestHandler((_, __, decide) => decide(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  app.on('web-contents-created', (_, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-navigate', (event, url) => {
      if (!url.startsWith(`${rendererOrigin}/`)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}

function reloadOnChange(folder: string, window: () => BrowserWindow | null): void {
  let timer: NodeJS.Timeout | null = null;
  watch(folder, { recursive: process.platform !== 'linux' }, () => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(() => window()?.webContents.reloadIgnoringCache(), 200);
  });
}
