import { notify, notifyFailure } from '../../store/notices.ts';
import { setView } from '../../store/viewStore.ts';
import { closeIntakeMessage, showIntakeMessage } from './intakeMessage.ts';
import { readPastedText } from './pastedText.ts';
import { addContent } from './submit.ts';

/** Adds the paths a text names; what cannot be added is said where the rows would be. */
export function addText(text: string): void {
  const { paths, refusal } = readPastedText(text);
  setView({ screen: 'queue' });
  if (refusal) showIntakeMessage(refusal);
  else closeIntakeMessage();
  if (paths.length > 0) void addContent({ paths, files: [] });
}

/** For the menu: a browser may keep the clipboard to itself, and says so. */
export async function pasteFromClipboard(): Promise<void> {
  try {
    const text = window.farmHost ? await window.farmHost.pasteText() : await navigator.clipboard.readText();
    if (text.trim() === '') notify('info', 'The clipboard holds no text.');
    else addText(text);
  } catch (thrown) {
    if (window.farmHost) notifyFailure(thrown);
    else notify('info', 'This browser keeps the clipboard to itself.', 'Press Ctrl+V or ⌘V in the list instead.');
  }
}
