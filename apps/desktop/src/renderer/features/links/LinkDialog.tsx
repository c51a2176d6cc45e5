import { Button } from '../../ui/Button.tsx';
import { useModal } from '../../ui/useModal.ts';
import dialogStyles from '../job/LossDialog.module.css';
import styles from './LinkDialog.module.css';
import { useLinkQuestion } from './linkQuestion.ts';

const close = () => useLinkQuestion.setState({ question: null });
const shownLines = 8;

/** Asks whether what a link wants is wanted here, too; the answer that changes nothing has the focus. */
export function LinkDialog() {
  const { question } = useLinkQuestion();
  const dialog = useModal(question);
  if (!question) return null;
  const rest = question.lines.length - shownLines;
  return (
    <dialog ref={dialog} className={dialogStyles.dialog} aria-labelledby="link-title" onClose={close}>
      <h2 id="link-title">{question.title}</h2>
      <p>A link opened this, perhaps from a page or a message.</p>
      <ul className={styles.lines}>
        {question.lines.slice(0, shownLines).map((line) => (
          <li key={line}>{line}</li>
        ))}
        {rest > 0 ? <li>and {rest} more</li> : null}
      </ul>
      <div className={dialogStyles.buttons}>
        <Button
          onClick={() => {
            question.yes();
            close();
          }}
        >
          {question.yesLabel}
        </Button>
        <Button primary data-safe onClick={close}>
          Do nothing
        </Button>
      </div>
    </dialog>
  );
}
