import { setView } from '../../../store/viewStore.ts';

/** Back to the queue; the row is selected there and the list has the focus. */
export function leaveDetail(): void {
  setView({ openJob: null });
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[role="grid"]')?.focus());
}
