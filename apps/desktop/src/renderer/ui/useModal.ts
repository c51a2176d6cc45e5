import { type RefObject, useEffect, useRef } from 'react';

/**
 * A dialog that is shown while there is a question. Its answer that loses nothing, marked `data-safe`, gets the focus:
 * left to itself `showModal` takes the first button, whatever that does.
 */
export function useModal(question: unknown): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!question) return;
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>('[data-safe]')?.focus();
  }, [question]);
  return dialog;
}
