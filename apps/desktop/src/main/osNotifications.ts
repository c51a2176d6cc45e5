import { Notification } from 'electron';
import type { DeepLink, HostNote } from '../shared/farmHost.ts';

/** Those that are shown, so that a click still finds its handler. */
const shown = new Set<Notification>();

/** Shows one of the system's notifications; a click leads to what it tells of. */
export function showNote({ title, body, link }: HostNote, open: (link: DeepLink | null) => void): void {
  if (!Notification.isSupported()) return;
  const note = new Notification({ title, body });
  const forget = (): void => void shown.delete(note);
  note.on('click', () => {
    forget();
    open(link);
  });
  note.on('close', forget);
  shown.add(note);
  note.show();
}
