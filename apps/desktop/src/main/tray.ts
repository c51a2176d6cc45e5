import { app, Menu, nativeImage, Tray } from 'electron';
import trayImage from './tray.png?inline';

export interface TrayActions {
  openWindow(): void;
  addFiles(): void;
  pauseFarm(paused: boolean): void;
}

export interface TrayStatus {
  readonly text: string;
  readonly paused: boolean;
}

/** The way back to a closed window while the farm renders, and the way to end everything. Made when first needed. */
export function lazyTray(actions: TrayActions): { show(): void; tell(status: TrayStatus): void } {
  let tray: Tray | null = null;
  let status: TrayStatus = { text: 'Reelmill', paused: false };
  const refresh = (): void => {
    tray?.setToolTip(status.text);
    tray?.setContextMenu(
      Menu.buildFromTemplate([
        { label: status.text, enabled: false },
        { type: 'separator' },
        { label: 'Open Reelmill', click: actions.openWindow },
        { label: 'Add files…', click: actions.addFiles },
        {
          label: status.paused ? 'Resume the farm' : 'Pause after chunks',
          click: () => actions.pauseFarm(!status.paused),
        },
        { type: 'separator' },
        { label: 'Quit', click: () => app.quit() },
      ]),
    );
  };
  return {
    show() {
      if (tray) return;
      tray = new Tray(nativeImage.createFromDataURL(trayImage));
      tray.on('click', actions.openWindow);
      refresh();
    },
    tell(next) {
      if (next.text === status.text && next.paused === status.paused) return;
      status = next;
      refresh();
    },
  };
}
