import { screens, setView, useViewStore } from '../../store/viewStore.ts';
import { chooseFiles } from '../intake/chooseFiles.ts';
import { leaveDetail } from '../job/detail/leaveDetail.ts';

/** Keys of the whole window: all with Ctrl or ⌘, except Escape. */
export function startShortcuts(): void {
  window.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') return goBack();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const screen = screens[Number(event.key) - 1];
    if (screen) {
      event.preventDefault();
      return setView({ screen });
    }
    if (event.key === 'o') {
      event.preventDefault();
      void chooseFiles();
    }
    if (event.key === 'f') {
      event.preventDefault();
      setView({ screen: 'queue' });
      document.getElementById('queue-filter')?.focus();
    }
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
