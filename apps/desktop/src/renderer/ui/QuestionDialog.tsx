import type { ReactNode } from 'react';
import { Button } from './Button.tsx';
import styles from './QuestionDialog.module.css';
import { useModal } from './useModal.ts';

interface QuestionDialogProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly actLabel: string;
  act(): void;
  /** Of the answer that changes nothing; it has the focus. */
  readonly safeLabel: string;
  close(): void;
}

/** A question with two answers. */
export function QuestionDialog({ title, children, actLabel, act, safeLabel, close }: QuestionDialogProps) {
  const dialog = useModal(title);
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby="question-title" onClose={close}>
      <h2 id="question-title">{title}</h2>
      {children}
      <div className={styles.buttons}>
        <Button
          onClick={() => {
            act();
            close();
          }}
        >
          {actLabel}
        </Button>
        <Button primary data-safe onClick={close}>
          {safeLabel}
        </Button>
      </div>
    </dialog>
  );
}
