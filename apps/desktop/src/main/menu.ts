import { Menu, type MenuItemConstructorOptions } from 'electron';
import { type CommandId, commands, type MenuTitle } from '../shared/commands.ts';

const isMac = process.platform === 'darwin';

interface MenuFacts {
  /** With reload and developer tools. */
  readonly developing: boolean;
  run(id: CommandId): void;
}

const ownKeys: Readonly<Record<string, string>> = { Mod: 'CmdOrCtrl', ArrowUp: 'Up', ArrowDown: 'Down' };

/**
 * Only combinations with Ctrl or ⌘ are told to the system, and only shown: the page itself acts on them. Single keys
 * belong to the focused list.
 */
function acceleratorOf(
  keys: string | undefined,
): Pick<MenuItemConstructorOptions, 'accelerator' | 'registerAccelerator'> {
  if (keys === undefined || !keys.startsWith('Mod+')) return {};
  const parts = keys.split('+').map((part) => ownKeys[part] ?? part);
  return { accelerator: parts.join('+'), registerAccelerator: false };
}

/** The application's menu: every command of the table, beside what a window of its system is expected to have. */
export function buildMenu({ developing, run }: MenuFacts): Menu {
  const itemsOf = (title: MenuTitle): MenuItemConstructorOptions[] =>
    commands
      .filter(({ menu }) => menu === title)
      .map(({ id, title: label, keys }) => ({ id, label, ...acceleratorOf(keys), click: () => run(id) }));
  const separator = { type: 'separator' } as const;
  const tools: MenuItemConstructorOptions[] = developing ? [{ role: 'reload' }, { role: 'toggleDevTools' }] : [];
  return Menu.buildFromTemplate([
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: 'File', submenu: [...itemsOf('File'), separator, { role: 'close' }, { role: 'quit' }] },
    { label: 'Edit', submenu: [...itemsOf('Edit'), separator, { role: 'cut' }, { role: 'copy' }, { role: 'paste' }] },
    {
      label: 'View',
      submenu: [
        ...itemsOf('View'),
        separator,
        ...tools,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
      ],
    },
    { label: 'Queue', submenu: itemsOf('Queue') },
    { label: 'Farm', submenu: itemsOf('Farm') },
    { role: 'windowMenu' },
    { label: 'Help', submenu: itemsOf('Help') },
  ]);
}
