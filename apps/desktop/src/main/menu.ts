import { Menu, type MenuItemConstructorOptions } from 'electron';

/** Standard entries only: what a window of its system is expected to have. Reload and developer tools while developing. */
export function buildMenu(developing: boolean): Menu {
  const file: MenuItemConstructorOptions = { label: 'File', submenu: [{ role: 'close' }, { role: 'quit' }] };
  const view: MenuItemConstructorOptions[] = developing ? [{ role: 'reload' }, { role: 'toggleDevTools' }] : [];
  return Menu.buildFromTemplate([
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    file,
    { role: 'editMenu' },
    { label: 'View', submenu: [...view, { role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }] },
    { role: 'windowMenu' },
  ]);
}
