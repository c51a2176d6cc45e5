import { type RefObject, useEffect, useRef } from 'react';

/**
 * A dialog that is the modal one while there is a question; where the focus was, it is again afterwards. An answer that
 * loses nothing, marked `data-safe`, gets the focus: left to itself `showModal` takes the first button, whatever that does.
 */
export function useModal(question: unknown): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (!question || element === null) return undefined;
    const before = document.activeElement as HTMLElement | null;
    // one question may take the place of another
    if (!element.open) element.showModal();
    element.querySelector<HTMLElement>('[data-safe]')?.focus();
    return () => before?.focus();
  }, [question]);
  return dialog;
}
