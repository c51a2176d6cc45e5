import { QuestionDialog } from '../../ui/QuestionDialog.tsx';
import { useLossDialog } from './lossDialog.ts';

const close = () => useLossDialog.setState({ question: null });

/** Asked only where minutes of finished work would be lost; the safe answer has the focus. */
export function LossDialog() {
  const { question } = useLossDialog();
  if (!question) return null;
  const { title, text, loseLabel, keepLabel, lose } = question;
  return (
    <QuestionDialog {...{ title, close }} actLabel={loseLabel} act={lose} safeLabel={keepLabel}>
      <p>{text}</p>
    </QuestionDialog>
  );
}
