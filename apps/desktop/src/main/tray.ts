import { app, Menu, nativeImage, Tray } from 'electron';
import trayImage from './tray.png?inline';

/** The way back to a closed window while the farm renders, and the way to end everything. Made when first needed. */
export function lazyTray(openWindow: () => void): { show(): void } {
  let tray: Tray | null = null;
  return {
    show() {
      if (tray) return;
      tray = new Tray(nativeImage.createFromDataURL(trayImage));
      tray.setToolTip('Reelmill');
      tray.setContextMenu(
        Menu.buildFromTemplate([
          { label: 'Open Reelmill', click: openWindow },
          { type: 'separator' },
          { label: 'Quit', click: () => app.quit() },
        ]),
      );
      tray.on('click', openWindow);
    },
  };
}
