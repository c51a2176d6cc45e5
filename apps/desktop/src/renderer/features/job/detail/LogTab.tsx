import type { AttemptLog, JobView, ProgramRun } from '@reelmill/protocol';
import { Button } from '../../../ui/Button.tsx';
import { AttemptPicker } from './AttemptPicker.tsx';
import { copyText } from './copyText.ts';
import styles from './JobDetail.module.css';
import { type LogReading, useAttemptLog, useLogRequest } from './useAttemptLog.ts';

function endOf({ exitCode, endSignal, log }: ProgramRun, from: AttemptLog['from']): string {
  if (endSignal !== null) return `ended by ${endSignal}`;
  if (exitCode !== null) return exitCode === 0 ? 'ended well' : `ended with code ${exitCode}`;
  return from === 'node' ? 'runs' : log === '' ? 'has not run' : 'ended';
}

const wholeText = ({ runs }: AttemptLog): string => runs.map(({ log }) => log).join('\n');

function Runs({ log }: { log: AttemptLog }) {
  return log.runs.map((run, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: programs of one attempt have no other name
    <section key={index} aria-label={`${run.program} ${index + 1}`}>
      <p className={styles.line}>
        {run.program} · {endOf(run, log.from)}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keys */}
      <pre className={styles.log} data-testid="attempt-log" tabIndex={0}>
        {run.log === '' ? '(it wrote nothing)' : run.log}
      </pre>
    </section>
  ));
}

/** What stands above every log: why there is none, or not all of it. */
export function ReadingNote({ reading }: { reading: LogReading }) {
  switch (reading.kind) {
    case 'reading':
      return <p className={styles.note}>Asking the node…</p>;
    case 'refused':
      return <p className={styles.note}>{reading.cause}</p>;
    case 'read':
      return reading.log.note === null ? null : <p className={styles.note}>{reading.log.note}</p>;
  }
}

/** What FFmpeg wrote in one attempt: the beginning and the end of it, as the node keeps it. */
export function LogTab({ job }: { job: JobView }) {
  const request = useLogRequest(job);
  const { reading, again } = useAttemptLog(request);
  const log = reading.kind === 'read' && reading.log.from !== 'plan' ? reading.log : null;
  return (
    <section className={styles.part} aria-label="Log" data-testid="log-tab">
      <div className={styles.heading}>
        <AttemptPicker job={job} request={request} />
        <div className={styles.tools}>
          <Button icon="retry" onClick={again}>
            Read again
          </Button>
          <Button icon="copy" disabled={!log?.runs.length} onClick={() => log && copyText('Log', wholeText(log))}>
            Copy
          </Button>
        </div>
      </div>
      <ReadingNote reading={reading} />
      {log ? <Runs log={log} /> : null}
    </section>
  );
}
