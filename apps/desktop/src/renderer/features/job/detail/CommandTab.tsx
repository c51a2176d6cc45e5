import type { JobView, ProgramRun } from '@reelmill/protocol';
import { Button } from '../../../ui/Button.tsx';
import { AttemptPicker } from './AttemptPicker.tsx';
import { copyText, shellCommand } from './copyText.ts';
import styles from './JobDetail.module.css';
import { ReadingNote } from './LogTab.tsx';
import { useAttemptLog, useLogRequest } from './useAttemptLog.ts';

/** Arguments one below the other, each option with its value. */
function argumentLines(args: readonly string[]): string {
  return args.reduce((text, word, index) => {
    const begins = word.startsWith('-') && !/^-?\d/.test(word);
    return index === 0 ? word : `${text}${begins ? '\n' : ' '}${word}`;
  }, '');
}

function Run({ run }: { run: ProgramRun }) {
  const command = shellCommand(run.program, run.args);
  return (
    <section aria-label={run.program}>
      <div className={styles.heading}>
        <h2>{run.program}</h2>
        <div className={styles.tools}>
          <Button icon="copy" onClick={() => copyText('Command', command)}>
            Copy for a shell
          </Button>
        </div>
      </div>
      <pre className={styles.log} data-testid="command">
        {argumentLines(run.args)}
      </pre>
    </section>
  );
}

/** The exact arguments of an attempt's programs; of a chunk that nobody has begun, those of the plan. */
export function CommandTab({ job }: { job: JobView }) {
  const request = useLogRequest(job);
  const { reading } = useAttemptLog(request);
  const runs = reading.kind === 'read' ? reading.log.runs.filter(({ args }) => args.length > 0) : [];
  return (
    <section className={styles.part} aria-label="Command" data-testid="command-tab">
      <div className={styles.heading}>
        <AttemptPicker job={job} request={request} />
      </div>
      <ReadingNote reading={reading} />
      {runs.map((run, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: programs of one attempt have no other name
        <Run key={index} run={run} />
      ))}
    </section>
  );
}
