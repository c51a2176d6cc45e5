import type { JobView } from '@reelmill/protocol';
import { canRetry, isFinal, orderJob, retryJob } from '../../../store/jobActions.ts';
import { useJobHistory } from '../../../store/jobHistory.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { bytes, framesPerSecond, percent, speed, stopwatch, timeLeft, unknown } from '../../../ui/format.ts';
import { HeldGlyph, heldColor, JobGlyph, stateColor } from '../../../ui/Glyph.tsx';
import { isMeasuring, phaseText } from '../../queue/jobTexts.ts';
import { openJobMenu } from '../jobMenu.ts';
import styles from './DetailHeader.module.css';

/** What the outputs will weigh at most, as the plan estimates. */
const expectedBytes = ({ reports }: JobView): number =>
  reports.reduce((sum, { output }) => sum + (output?.estimatedBytes ?? 0), 0);

function outText(job: JobView, madeBytes: number): string {
  if (job.outputs.length > 0) return bytes(job.outputs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  const expected = expectedBytes(job);
  return expected > 0 ? `${bytes(madeBytes)} of ≤ ${bytes(expected)}` : bytes(madeBytes);
}

function Figure({ label, field, children }: { label: string; field: string; children: string }) {
  return (
    <div className={styles.figure} data-field={field}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Figures({ job }: { job: JobView }) {
  const history = useJobHistory((state) => state.history);
  const running = !isFinal(job);
  return (
    <dl className={styles.figures}>
      <Figure label="Done" field="percent">{`${percent(job.percent, job.state === 'done')} %`}</Figure>
      <Figure label={running ? 'Left' : 'Took'} field="left">
        {running ? (isMeasuring(job) ? 'Measuring…' : timeLeft(job.eta)) : stopwatch(job.elapsedSeconds)}
      </Figure>
      <Figure label="Speed" field="speed">
        {speed(running ? job.speed : 0)}
      </Figure>
      <Figure label="fps" field="fps">
        {framesPerSecond(running ? job.fps : 0)}
      </Figure>
      <Figure label="In" field="in">
        {bytes(history?.sourceBytes ?? job.reports[0]?.source.sizeBytes)}
      </Figure>
      <Figure label="Out" field="out">
        {history === null && job.outputs.length === 0 ? unknown : outText(job, history?.madeBytes ?? 0)}
      </Figure>
    </dl>
  );
}

function Actions({ job }: { job: JobView }) {
  return (
    <div className={styles.actions}>
      {isFinal(job) ? null : (
        <Button icon={job.held ? 'play' : 'pause'} onClick={() => orderJob(job.jobId, { hold: !job.held })}>
          {job.held ? 'Resume' : 'Hold'}
        </Button>
      )}
      {canRetry(job) ? (
        <Button icon="retry" onClick={() => retryJob(job.jobId)}>
          Retry
        </Button>
      ) : null}
      <IconButton
        icon="more"
        label={`More of ${job.name}`}
        aria-haspopup="dialog"
        disabled={isFinal(job)}
        onClick={(event) => {
          const { right, bottom } = event.currentTarget.getBoundingClientRect();
          openJobMenu(job.jobId, { x: right - 200, y: bottom });
        }}
      />
    </div>
  );
}

/** Where one is, what the job is doing, its figures, and what can be done with it. */
export function DetailHeader({ job, onBack }: { job: JobView; onBack(): void }) {
  const held = job.held && !isFinal(job);
  const words = [held ? 'held' : job.state, job.waiting === null ? phaseText(job) : 'waiting'];
  return (
    <header className={styles.header}>
      <div className={styles.first}>
        <nav aria-label="Breadcrumb" className={styles.crumbs}>
          <button type="button" className={styles.back} onClick={onBack}>
            Queue
          </button>
          <span aria-hidden="true">/</span>
          <h1 title={job.input}>{job.name}</h1>
        </nav>
        <p className={styles.state} style={{ color: held ? heldColor : stateColor(job.state) }}>
          {held ? <HeldGlyph /> : <JobGlyph state={job.state} />}
          {words.filter((word) => word !== null).join(', ')}
        </p>
        <Actions job={job} />
      </div>
      <Figures job={job} />
      {job.error ? (
        <p className={styles.error} data-testid="detail-error">
          <b>{job.error.cause}</b> {job.error.fix} <code>{job.error.code}</code>
        </p>
      ) : null}
    </header>
  );
}
