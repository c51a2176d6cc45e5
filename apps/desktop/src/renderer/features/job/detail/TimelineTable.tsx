import type { AttemptView, JobView } from '@reelmill/protocol';
import { useState } from 'react';
import { Button } from '../../../ui/Button.tsx';
import { timeOfDay } from '../../../ui/format.ts';
import { startOf, taskLabel, tookText } from './chunkTexts.ts';
import styles from './JobDetail.module.css';
import { openChunkOf } from './openChunkOf.ts';

const page = 200;

function Row({ job, attempt, nowMs }: { job: JobView; attempt: AttemptView; nowMs: number }) {
  return (
    <tr>
      <td>
        <Button
          aria-label={`Open ${taskLabel(attempt)} try ${attempt.attempt}`}
          onClick={() => openChunkOf(job, attempt)}
        >
          {taskLabel(attempt)}
        </Button>
      </td>
      <td>{attempt.attempt}</td>
      <td>{attempt.node}</td>
      <td>{attempt.state}</td>
      <td>{timeOfDay(startOf(attempt))}</td>
      <td>{timeOfDay(attempt.endedAt)}</td>
      <td>{tookText(attempt, nowMs)}</td>
      <td>{attempt.error === null ? (attempt.reason ?? '') : `${attempt.error.code}: ${attempt.error.cause}`}</td>
    </tr>
  );
}

/** The timeline in words, the newest attempt first. */
export function TimelineTable({
  job,
  attempts,
  nowMs,
}: {
  job: JobView;
  attempts: readonly AttemptView[];
  nowMs: number;
}) {
  const [shown, setShown] = useState(page);
  return (
    <>
      <table className={styles.table} data-testid="timeline-table">
        <caption className="visually-hidden">Attempts of {job.name}</caption>
        <thead>
          <tr>
            {['Task', 'Try', 'Node', 'State', 'Began', 'Ended', 'Took', 'Cause'].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {attempts
            .slice(-shown)
            .reverse()
            .map((attempt) => (
              <Row key={`${attempt.taskId}#${attempt.attempt}`} job={job} attempt={attempt} nowMs={nowMs} />
            ))}
        </tbody>
      </table>
      {attempts.length > shown ? (
        <Button onClick={() => setShown(shown + page)}>{`Show ${Math.min(page, attempts.length - shown)} more`}</Button>
      ) : null}
    </>
  );
}
