import { IconButton } from '../../ui/Button.tsx';
import styles from './IntakeMessageRow.module.css';
import { closeIntakeMessage, useIntakeMessage } from './intakeMessage.ts';

export function IntakeMessageRow() {
  const { message } = useIntakeMessage();
  if (!message) return null;
  return (
    <div className={styles.row} role="alert" data-testid="intake-message">
      <p>
        <span className={styles.cause}>{message.cause}</span> {message.fix}
      </p>
      <IconButton icon="cancel" label="Close message" onClick={closeIntakeMessage} />
    </div>
  );
}
