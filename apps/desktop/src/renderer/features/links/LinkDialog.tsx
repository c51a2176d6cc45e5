import { QuestionDialog } from '../../ui/QuestionDialog.tsx';
import styles from './LinkDialog.module.css';
import { useLinkQuestion } from './linkQuestion.ts';

const close = () => useLinkQuestion.setState({ question: null });
const shownLines = 8;

/** Asks whether what a link wants is wanted here, too; the answer that changes nothing has the focus. */
export function LinkDialog() {
  const { question } = useLinkQuestion();
  if (!question) return null;
  const { title, lines, yesLabel, yes } = question;
  const rest = lines.length - shownLines;
  return (
    <QuestionDialog {...{ title, close }} actLabel={yesLabel} act={yes} safeLabel="Do nothing">
      <p>A link opened this, perhaps from a page or a message.</p>
      <ul className={styles.lines}>
        {lines.slice(0, shownLines).map((line) => (
          <li key={line}>{line}</li>
        ))}
        {rest > 0 ? <li>and {rest} more</li> : null}
      </ul>
    </QuestionDialog>
  );
}
