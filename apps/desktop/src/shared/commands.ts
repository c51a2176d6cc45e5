/** Where a command stands in the application's menu. */
export const menuTitles = ['File', 'Edit', 'View', 'Queue', 'Farm', 'Help'] as const;
export type MenuTitle = (typeof menuTitles)[number];

interface CommandRow {
  readonly menu: MenuTitle;
  readonly title: string;
  /** `Mod` is ⌘ on macOS and Ctrl elsewhere. */
  readonly keys?: string;
  /** `list`: its keys act only while the job list has the focus. */
  readonly scope?: 'list';
}

const row = (menu: MenuTitle, title: string, keys?: string, scope?: 'list'): CommandRow => ({
  menu,
  title,
  ...(keys !== undefined && { keys }),
  ...(scope && { scope }),
});

/** Every command of the window: the application's menu, the palette, the keyboard and the list of shortcuts come from it. */
export const commandTable = {
  add: row('File', 'Add files…', 'Mod+O'),
  paste: row('File', 'Paste path or address', 'Mod+V'),
  naming: row('File', 'Names of outputs…'),
  undo: row('Edit', 'Undo', 'Mod+Z'),
  redo: row('Edit', 'Redo', 'Mod+Shift+Z'),
  selectAll: row('Edit', 'Select all jobs', 'Mod+A', 'list'),
  filter: row('Edit', 'Filter jobs', 'Mod+F'),
  palette: row('View', 'All commands…', 'Mod+K'),
  queue: row('View', 'Queue', 'Mod+1'),
  nodes: row('View', 'Nodes', 'Mod+2'),
  presets: row('View', 'Presets', 'Mod+3'),
  watch: row('View', 'Watch folders', 'Mod+4'),
  failures: row('View', 'Failures', 'Mod+5'),
  settings: row('View', 'Settings', 'Mod+6'),
  sortQueue: row('View', 'Sort by place in the queue'),
  sortName: row('View', 'Sort by name'),
  sortAdded: row('View', 'Sort by time added'),
  sortDeadline: row('View', 'Sort by deadline'),
  nextPane: row('View', 'Next pane', 'F6'),
  open: row('Queue', 'Open details', 'Enter', 'list'),
  menu: row('Queue', 'Change preset…'),
  rename: row('Queue', 'Rename output…', 'F2', 'list'),
  hold: row('Queue', 'Hold or resume', 'H', 'list'),
  stopAfter: row('Queue', 'Stop after this job'),
  retry: row('Queue', 'Retry failed', 'R', 'list'),
  duplicate: row('Queue', 'Duplicate', 'Mod+D'),
  moveUp: row('Queue', 'Move up', 'Alt+ArrowUp', 'list'),
  moveDown: row('Queue', 'Move down', 'Alt+ArrowDown', 'list'),
  moveTop: row('Queue', 'Move to the top', 'Alt+Shift+ArrowUp', 'list'),
  moveBottom: row('Queue', 'Move to the bottom', 'Alt+Shift+ArrowDown', 'list'),
  remove: row('Queue', 'Remove', 'Delete', 'list'),
  start: row('Farm', 'Start what is paused or held', 'Mod+Enter'),
  pause: row('Farm', 'Pause after chunks', 'P', 'list'),
  pauseNow: row('Farm', 'Pause now', 'Shift+P', 'list'),
  shortcuts: row('Help', 'Keyboard shortcuts', '?', 'list'),
} satisfies Record<string, CommandRow>;

export type CommandId = keyof typeof commandTable;
export interface AppCommand extends CommandRow {
  readonly id: CommandId;
}

export const commands: readonly AppCommand[] = Object.entries(commandTable).map(([id, command]) => ({
  id: id as CommandId,
  ...command,
}));

const macSigns: Readonly<Record<string, string>> = {
  Mod: '⌘',
  Alt: '⌥',
  Shift: '⇧',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Delete: '⌫',
};
const otherSigns: Readonly<Record<string, string>> = { Mod: 'Ctrl', ArrowUp: '↑', ArrowDown: '↓', Delete: 'Del' };

/** Keys as people write them: `⌘⇧Z`, `Ctrl+Shift+Z`. */
export function keysText(keys: string, isMac: boolean): string {
  const parts = keys.split('+').map((part) => (isMac ? macSigns : otherSigns)[part] ?? part);
  return parts.join(isMac ? '' : '+');
}

/** What a pressed key tells of itself. */
interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const same = (pressed: string, wanted: string): boolean => pressed.toLowerCase() === wanted.toLowerCase();

/** Whether it is the combination of a command. */
export function isPressed(keys: string, event: PressedKey, isMac: boolean): boolean {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  const mod = isMac ? event.metaKey : event.ctrlKey;
  const other = isMac ? event.ctrlKey : event.metaKey;
  // "?" needs Shift on most keyboards and is told by its own name
  const shift = key === '?' || event.shiftKey === parts.includes('Shift');
  const isKey = same(event.key, key) || (key === 'Delete' && event.key === 'Backspace');
  return isKey && shift && mod === parts.includes('Mod') && !other && event.altKey === parts.includes('Alt');
}
