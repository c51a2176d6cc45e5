import { type RefObject, useEffect, useRef } from 'react';

/** Opens a dialog as the modal one while `open`; where the focus was, it is again afterwards. */
export function useModal(open: boolean): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const before = document.activeElement as HTMLElement | null;
    dialog.current?.showModal();
    return () => before?.focus();
  }, [open]);
  return dialog;
}
