import { create } from 'zustand';

/** Which of the dialogs of commands is open. */
export const useCommandDialogs = create<{ readonly open: 'palette' | 'shortcuts' | 'menu' | null }>()(() => ({
  open: null,
}));

export const closeCommandDialog = (): void => useCommandDialogs.setState({ open: null });
export const openShortcuts = (): void => useCommandDialogs.setState({ open: 'shortcuts' });
export const openMenuOfCommands = (): void => useCommandDialogs.setState({ open: 'menu' });
export const togglePalette = (): void =>
  useCommandDialogs.setState(({ open }) => ({ open: open === 'palette' ? null : 'palette' }));
