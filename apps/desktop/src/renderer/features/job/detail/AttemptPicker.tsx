import type { AttemptView, JobView, LogRequest } from '@reelmill/protocol';
import { useJobHistory } from '../../../store/jobHistory.ts';
import { endText, taskLabel } from './chunkTexts.ts';
import { setDetail } from './detailView.ts';
import styles from './JobDetail.module.css';

const none: readonly AttemptView[] = [];
/** Choices of one list; older attempts are reached through the timeline and the chunks. */
const mostChoices = 300;
const keyOf = ({ taskId, attempt }: Pick<AttemptView, 'taskId' | 'attempt'>): string => `${taskId}#${attempt}`;

/** Chooses the attempt whose log or command is shown. */
export function AttemptPicker({ job, request }: { job: JobView; request: LogRequest | null }) {
  const attempts = useJobHistory((state) => state.history?.attempts ?? none);
  const current = request?.taskId === undefined ? '' : `${request.taskId}#${request.attempt}`;
  const choices = attempts.filter((one, index) => index >= attempts.length - mostChoices || keyOf(one) === current);
  return (
    <select
      className={styles.select}
      aria-label="Attempt"
      value={current}
      onChange={(event) => {
        const chosen = attempts.find((one) => keyOf(one) === event.target.value);
        if (chosen) setDetail({ picked: { taskId: chosen.taskId, attempt: chosen.attempt } });
      }}
    >
      {current === '' ? (
        <option value="">{request?.chunk === undefined ? 'No attempt yet' : `#${request.chunk + 1}, not begun`}</option>
      ) : null}
      {[...choices].reverse().map((one) => (
        <option key={keyOf(one)} value={keyOf(one)}>
          {[
            `${taskLabel(one)} try ${one.attempt}`,
            one.node,
            ...(job.presets.length > 1 && one.rendition ? [one.rendition] : []),
            endText(one),
          ].join(' · ')}
        </option>
      ))}
    </select>
  );
}
