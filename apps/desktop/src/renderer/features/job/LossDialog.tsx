import { Button } from '../../ui/Button.tsx';
import { useModal } from '../../ui/useModal.ts';
import styles from './LossDialog.module.css';
import { useLossDialog } from './lossDialog.ts';

const close = () => useLossDialog.setState({ question: null });

/** Asked only where minutes of finished work would be lost; the safe answer has the focus. */
export function LossDialog() {
  const { question } = useLossDialog();
  const dialog = useModal(question);
  if (!question) return null;
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby="loss-title" onClose={close}>
      <h2 id="loss-title">{question.title}</h2>
      <p>{question.text}</p>
      <div className={styles.buttons}>
        <Button
          onClick={() => {
            question.lose();
            close();
          }}
        >
          {question.loseLabel}
        </Button>
        <Button primary data-safe onClick={close}>
          {question.keepLabel}
        </Button>
      </div>
    </dialog>
  );
}
