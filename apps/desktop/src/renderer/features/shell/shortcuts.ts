import { commands, isPressed } from '../../../shared/commands.ts';
import { setView, useViewStore } from '../../store/viewStore.ts';
import { runCommand } from '../commands/commandActions.ts';
import { addText } from '../intake/pasteText.ts';
import { leaveDetail } from '../job/detail/leaveDetail.ts';
import { isMac } from './platform.ts';

/** Where keys write, paste, undo and select by themselves. */
const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('textarea, input:not([type=checkbox]):not([type=radio])'));

/** These are the text field's own where one has the focus; pasting comes as an event of its own. */
const ofTextFields: readonly string[] = ['undo', 'redo', 'selectAll'];

/** Keys of the whole window: all with Ctrl or ⌘, except F6 and Escape. */
export function startShortcuts(): void {
  window.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') return goBack();
    const command = commands.find(
      ({ keys, scope }) => keys !== undefined && scope === undefined && isPressed(keys, event, isMac),
    );
    if (!command || command.id === 'paste') return;
    if (ofTextFields.includes(command.id) && writes(event.target)) return;
    if (document.querySelector('dialog[open]') && command.id !== 'palette') return;
    event.preventDefault();
    runCommand(command.id);
  });
  window.addEventListener('paste', (event) => {
    if (writes(event.target) || document.querySelector('dialog[open]')) return;
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text.trim() === '') return;
    event.preventDefault();
    addText(text);
  });
}

/** From the detail of a job to the queue, from there to the list alone. */
function goBack(): void {
  if (useViewStore.getState().openJob === null) closeInspector();
  else if (!document.querySelector('dialog[open]')) leaveDetail();
}

function closeInspector(): void {
  if (!useViewStore.getState().inspectorOpen || document.querySelector('dialog[open]')) return;
  setView({ inspectorOpen: false });
  document.querySelector<HTMLElement>('[role="grid"]')?.focus();
}
